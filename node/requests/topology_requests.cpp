#include "node/requests/topology_requests.hpp"
#include "node/definition/definition_services.hpp"
#include "node/definition/transfer_plan.hpp"
#include "node/requests/local_request.hpp"
#include "node/topology/topology_check.hpp"

#include <array>

namespace hublink {

/// By itself: the names of kinds are those of much else, too.
namespace topology_shapes {

using enum json_kind;

constexpr std::array topology_answer{json_field{"topology", text, true}, json_field{"version", number}};

} // namespace topology_shapes

namespace {

using json = nlohmann::ordered_json;

/// The one that was applied last, or that the manager was started with.
outcome<std::string> topology_here(const local_request& work) {
  const auto* definitions = work.services().definitions;
  if (!definitions || !definitions->applied)
    return {errc::bad_config, work.here() + " is no manager: it knows no topology"};
  if (auto applied = definitions->applied->now()) return applied->text;
  if (!definitions->topology_text.empty()) return definitions->topology_text;
  return {errc::unknown_file, "nothing was applied yet at " + work.here()};
}

void show_topology(local_request& work) {
  auto text = topology_here(work);
  if (!text) return work.fail(text.error());
  json answer{{"topology", *text}};
  if (auto applied = work.services().definitions->applied->now()) answer["version"] = applied->version;
  work.finish(std::move(answer));
}

void check(local_request& work) {
  const auto checked = parse_and_check(work.text("topology"));
  json answer{
      {"network", checked.value.network}, {"valid", checked.problems.empty()}, {"problems", json::array()}};
  for (const auto& each : checked.problems)
    answer["problems"].push_back({{"path", each.path}, {"message", each.message}});
  work.finish({{"check", std::move(answer)}});
}

void plan(local_request& work) {
  auto text =
      work.request().contains("topology") ? outcome<std::string>{work.text("topology")} : topology_here(work);
  if (!text) return work.fail(text.error());
  const auto checked = parse_and_check(*text);
  if (!checked.problems.empty())
    return work.fail(
        {errc::bad_config, work.here(),
         "the topology has " + count_of(checked.problems) + ": " + to_string(checked.problems.front())});
  const auto file = work.text("file");
  if (file.empty()) return work.finish({{"plan", json_of_plan(checked.value)}});
  auto way = plan_transfer(checked.value, file);
  if (!way) return work.fail(way.error());
  work.finish({{"plan", json_of(*way)}});
}

} // namespace

std::span<const verb> topology_verbs() {
  using field = request_field;
  // Each names all transfers: nobody's who is limited.
  static constexpr command_rights telling{right::view, subject::node, true};
  static constexpr std::array check_fields{field{"topology", field::kind::word, true}};
  static constexpr std::array plan_fields{field{"topology", field::kind::word}, field::name_of("file")};
  static constexpr std::array rows{
      verb{.name = "topology",
           .takes = telling,
           .scope = verb_scope::here,
           .serve = run<show_topology>,
           .answer = topology_shapes::topology_answer},
      verb{.name = "check",
           .takes = {right::view, subject::none},
           .scope = verb_scope::here,
           .serve = run<check>,
           .fields = check_fields,
           .http = {.by = http_rule::method::post}},
      verb{.name = "plan",
           .takes = telling,
           .scope = verb_scope::here,
           .serve = run<plan>,
           .fields = plan_fields,
           .http = {.by = http_rule::method::post}},
  };
  return rows;
}

} // namespace hublink
