#include "node/process/local_config.hpp"

#include "node/base/ownership.hpp"
#include "node/base/printing.hpp"
#include "node/base/small_file.hpp"
#include "node/topology/json_document.hpp"
#include "node/topology/topology_check.hpp"

#include <iostream>

namespace hublink {

namespace {

constexpr int most_job_seconds = 7 * 86'400;
using after = job_definition::outcome;

/// The program and its arguments: no shell looks at them.
std::vector<std::string> read_command(json_fields& fields) {
  std::vector<std::string> words;
  auto* list = fields.get("command");
  bool is_list = list && list->is_array() && !list->empty();
  if (is_list)
    for (const auto& word : *list)
      if (word.is_string() && word.get_ref<const std::string&>().find('\0') == std::string::npos)
        words.push_back(word);
  if (list && (!is_list || words.size() != list->size() || words.front().empty()))
    fields.note("command", R"(must list a program and its arguments: ["/usr/local/bin/load", "--fast"])");
  fields.require("command", R"(list a program and its arguments)");
  return words;
}

job_definition read_job(json_fields& fields, job_kind kind) {
  job_definition job;
  job.command = read_command(fields);
  if (auto seconds = fields.number("timeout_s", 1, most_job_seconds))
    job.timeout = std::chrono::seconds{*seconds};
  if (kind == job_kind::post_receive) job.wait = fields.flag("wait").value_or(false);
  if (kind == job_kind::post_send)
    job.after =
        fields.choice<after>("after", {{"done", after::done}, {"failed", after::failed}, {"any", after::any}})
            .value_or(after::done);
  fields.finish();
  return job;
}

void read_jobs_of(const std::string& file, const nlohmann::json& value, const std::string& path,
                  local_config& config, problems& found) {
  json_fields fields{value, path, found};
  for (auto kind : {job_kind::pre_send, job_kind::post_send, job_kind::post_receive})
    fields.object(std::string{to_string(kind)},
                  [&](json_fields& job) { config.jobs.by_file[file][kind] = read_job(job, kind); });
  if (value.is_object()) fields.finish();
}

std::vector<std::string> read_roots(json_fields& fields, const nlohmann::json& list) {
  std::vector<std::string> roots;
  if (list.is_array())
    for (const auto& each : list)
      if (each.is_string() && !each.get_ref<const std::string&>().empty() &&
          each.get_ref<const std::string&>().find('\0') == std::string::npos)
        roots.push_back(each);
  if (!list.is_array() || roots.size() != list.size())
    fields.note("roots",
                R"(must list directories, absolute or relative to the data directory: ["/srv/exchange"])");
  return roots;
}

} // namespace

parsed_local_config parse_local_config(std::string_view text) {
  parsed_local_config parsed;
  auto whole = read_json(text, parsed.problems);
  if (whole.is_discarded()) return parsed;
  json_fields fields{whole, "", parsed.problems};
  if (!whole.is_object()) return parsed;
  parsed.value.jobs.at_once = std::size_t(fields.number("jobs_at_once", 1, 1000).value_or(4));
  parsed.value.confine_jobs = fields.flag("confine_jobs").value_or(true);
  if (auto* roots = fields.get("roots")) parsed.value.roots = read_roots(fields, *roots);
  if (auto* jobs = fields.get("jobs")) {
    json_fields by_file{*jobs, "jobs", parsed.problems};
    if (jobs->is_object())
      for (const auto& [file, value] : jobs->items()) {
        if (file != "*" && !is_name(file))
          by_file.note(file, "is neither a file ID nor \"*\"");
        else
          read_jobs_of(file, value, by_file.path_of(file), parsed.value, parsed.problems);
      }
  }
  fields.finish();
  return parsed;
}

outcome<local_config> load_local_config(const std::filesystem::path& folder) {
  auto path = folder / "local.json";
  if (auto fine = only_ours_to_write(path); !fine) return fine.error();
  auto text = read_small_file(path);
  if (!text && text.error().code == errc::file_missing) return local_config{};
  if (!text) return {errc::bad_config, text.error().text};
  auto parsed = parse_local_config(*text);
  for (const auto& each : parsed.problems) print(std::cerr, "{}\n", to_string(each));
  if (parsed.problems.empty()) return std::move(parsed.value);
  return {errc::bad_config, path.string() + ": " + count_of(parsed.problems)};
}

} // namespace hublink
