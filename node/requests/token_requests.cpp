#include "node/requests/token_requests.hpp"
#include "node/accounts/accounts.hpp"
#include "node/accounts/token_store.hpp"
#include "node/base/time_text.hpp"
#include "node/requests/local_request.hpp"

#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::uint64_t most_days = 3650, usual_days = 90;
constexpr std::int64_t day_ms = 86'400'000;

json token_json(const token_row& row) {
  json shown{{"name", row.who.name}, {"rights", json::array()}, {"transfers", row.who.files}};
  for (auto each : row.who.rights) shown["rights"].push_back(to_string(each));
  if (!row.user.empty()) shown["user"] = row.user;
  shown["made"] = to_rfc3339(row.made_ms);
  shown["until"] = to_rfc3339(row.until_ms);
  if (row.used_ms > 0) shown["used"] = to_rfc3339(row.used_ms);
  return shown;
}

/// Null: the command has ended.
token_store* tokens_here(local_request& work) {
  if (!work.services().tokens)
    work.fail({errc::bad_config, work.here(), "tokens are given and taken at the node itself"});
  return work.services().tokens;
}

void list_tokens(local_request& work) {
  auto* tokens = tokens_here(work);
  if (!tokens) return;
  auto all = json::array();
  for (const auto& row : tokens->list()) all.push_back(token_json(row));
  work.finish({{"tokens", std::move(all)}});
}

outcome<token_row> described_token(local_request& work) {
  token_row row;
  row.who.name = work.text("name");
  if (auto fine = accounts::check_name(row.who.name); !fine)
    return {errc::bad_config, "a token's name has 1 to 64 letters, digits, or . _ - @"};
  auto rights = rights_from_text(work.text("rights"));
  if (!rights) return rights.error();
  row.who.rights = *rights;
  for (const auto& file : field_list(work.request(), "transfers")) row.who.files.insert(text_of(file));
  row.user = work.text("sessions_of");
  if (work.services().user)
    if (auto fine = may_govern(*work.services().user, row.who); !fine) return fine.error();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  row.until_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() +
                 std::int64_t(field_number(work.request(), "days").value_or(usual_days)) * day_ms;
  return row;
}

void add_token(local_request& work) {
  auto* tokens = tokens_here(work);
  if (!tokens) return;
  auto row = described_token(work);
  if (!row) return work.fail(row.error());
  auto text = tokens->add(*row);
  if (!text) return work.fail(text.error());
  json answer{{"token", token_json(*tokens->find(row->who.name))}};
  answer["token"]["text"] = *text;
  work.finish(std::move(answer));
}

void remove_token(local_request& work) {
  auto* tokens = tokens_here(work);
  if (!tokens) return;
  const auto name = work.text("name");
  auto known = tokens->find(name);
  if (known && work.services().user)
    if (auto fine = may_govern(*work.services().user, known->who); !fine) return work.fail(fine.error());
  auto removed = tokens->remove(name);
  if (!removed) return work.fail(removed.error());
  if (!*removed)
    return work.fail(
        {errc::bad_config, work.here(), "there is no token " + name + "; see hublink tokens list"});
  work.finish(json::object());
}

} // namespace

std::span<const verb> token_verbs() {
  using field = request_field;
  static constexpr command_rights changing{right::users, subject::node},
      telling{right::users, subject::node, true};
  static constexpr std::array add_fields{
      field::needed_name("name"), field::needed_name("rights"), field{"transfers", field::kind::names},
      field{"days", field::kind::number, false, 1, most_days}, field::name_of("sessions_of")};
  static constexpr std::array remove_fields{field::needed_name("name")};
  static constexpr std::array rows{
      verb{.name = "tokens-list", .takes = telling, .scope = verb_scope::here, .serve = run<list_tokens>},
      verb{.name = "tokens-add",
           .takes = changing,
           .scope = verb_scope::here,
           .serve = run<add_token>,
           .fields = add_fields},
      verb{.name = "tokens-remove",
           .takes = changing,
           .scope = verb_scope::here,
           .serve = run<remove_token>,
           .fields = remove_fields},
  };
  return rows;
}

} // namespace hublink
