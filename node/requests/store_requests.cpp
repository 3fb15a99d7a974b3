#include "node/requests/store_requests.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace store_shapes {

using enum json_kind;

constexpr std::array stored_row{json_field{"transfer", text, true}, json_field{"file", text, true},
                                json_field{"from", text, true},     json_field{"size", number},
                                json_field{"store", text},          json_field{"held_back", flag},
                                json_field{"waiting", texts, true}, json_field{"until", text}};
constexpr std::array stored_answer{json_field{"stored", rows, true, stored_row}};
constexpr std::array deliver_answer{json_field{"stored", object, true, stored_row}};

} // namespace store_shapes

namespace {

using json = nlohmann::ordered_json;

template <class Then>
void ask_store(local_request& work, Then then) {
  if (!work.services().node.spools) return then(std::vector<stored_transfer>{}); // nothing is stored here
  work.ask(
      *work.services().node.spools, [then](const std::vector<stored_transfer>& found) { then(found); },
      spools_atom_v);
}

void list_stored(local_request& work) {
  ask_store(work, [&work](const std::vector<stored_transfer>& found) {
    auto rows = json::array();
    for (const auto& row : found)
      if (work.may_touch(row.file)) rows.push_back(to_json(row));
    work.finish({{"stored", std::move(rows)}});
  });
}

void deliver(local_request& work) {
  ask_store(work, [&work, transfer = work.text("transfer")](const std::vector<stored_transfer>& found) {
    // An id is no proof: somebody else's transfer may have the same.
    auto hidden = std::find_if(found.begin(), found.end(), [&](const auto& row) {
      return row.transfer == transfer && !work.may_touch(row.file);
    });
    bool there =
        std::any_of(found.begin(), found.end(), [&](const auto& row) { return row.transfer == transfer; });
    if (work.is_limited() && (!there || hidden != found.end()))
      return work.fail_as_limited(transfer, hidden == found.end() ? "" : hidden->file);
    auto* store = work.store();
    if (!store) return;
    work.ask(
        *store,
        [&work](const stored_transfer& row) {
          work.finish({{"stored", to_json(row)}});
        },
        deliver_atom_v, transfer);
  });
}

} // namespace

std::span<const verb> store_verbs() {
  static constexpr std::array deliver_fields{request_field::needed_name("transfer")};
  static constexpr std::array rows{
      verb{.name = "stored",
           .takes = {right::view, subject::listing},
           .scope = verb_scope::server,
           .serve = run<list_stored>,
           .answer = store_shapes::stored_answer},
      verb{.name = "deliver",
           .takes = {right::transfer, subject::file},
           .scope = verb_scope::server,
           .serve = run<deliver>,
           .fields = deliver_fields,
           .answer = store_shapes::deliver_answer},
  };
  return rows;
}

} // namespace hublink
