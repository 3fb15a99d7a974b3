#include "node/process/local_config.hpp"

#include "node/base/ownership.hpp"
#include "node/base/printing.hpp"
#include "node/base/small_file.hpp"
#include "node/topology/json_document.hpp"
#include "node/topology/topology_check.hpp"

#include <charconv>
#include <iostream>
#include <limits>

#include <grp.h>
#include <pwd.h>

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

/// A list of directories; nothing where it is something else.
std::optional<std::vector<std::string>> read_directories(const nlohmann::json& list) {
  std::vector<std::string> all;
  if (!list.is_array()) return {};
  for (const auto& each : list)
    if (each.is_string() && !each.get_ref<const std::string&>().empty() &&
        each.get_ref<const std::string&>().find('\0') == std::string::npos)
      all.push_back(each);
  return all.size() == list.size() ? std::optional{std::move(all)} : std::nullopt;
}

// -- what becomes of files that arrive

/// By number, or by name; nothing, and a problem, where this machine has none of that name.
template <class Id>
std::optional<Id> read_account(json_fields& fields, const char* key, const char* what,
                               std::optional<Id> (*find)(const std::string&)) {
  auto* written = fields.get(key);
  if (!written) return {};
  if (written->is_number_unsigned() && written->get<std::uint64_t>() < std::numeric_limits<Id>::max())
    return written->get<Id>();
  auto found = written->is_string() ? find(written->get<std::string>()) : std::nullopt;
  if (!found) fields.note(key, std::string{"must be a "} + what + " of this machine, by name or number");
  return found;
}

std::optional<uid_t> user_named(const std::string& name) {
  auto* found = ::getpwnam(name.c_str());
  return found ? std::optional{found->pw_uid} : std::nullopt;
}

std::optional<gid_t> group_named(const std::string& name) {
  auto* found = ::getgrnam(name.c_str());
  return found ? std::optional{found->gr_gid} : std::nullopt;
}

void read_mode(json_fields& fields, arrival_rule& rule) {
  using enum arrival_rule::rights;
  auto written = fields.text("mode");
  if (!written) return;
  if (*written == "umask" || *written == "sender") {
    rule.from = *written == "umask" ? umask : sender;
    return;
  }
  auto end = written->data() + written->size();
  auto read = std::from_chars(written->data(), end, rule.mode, 8);
  bool is_mode = written->size() >= 3 && written->size() <= 4 && read.ec == std::errc{} && read.ptr == end;
  if (!is_mode || rule.mode > 0777 || (rule.mode & 0400) == 0)
    return fields.note("mode",
                       R"(must be "umask", "sender", or permission bits with the owner's read: "0640")");
  rule.from = fixed;
}

/// What is not written stays as it is.
void read_arrival(json_fields& fields, arrival_rule& rule) {
  read_mode(fields, rule);
  if (auto owner = read_account<uid_t>(fields, "owner", "user", user_named)) rule.owner = owner;
  if (auto group = read_account<gid_t>(fields, "group", "group", group_named)) rule.group = group;
}

void read_targets(json_fields& fields, local_config& config) {
  fields.object("targets", [&](json_fields& targets) {
    targets.each_name([&](const auto& file, const nlohmann::json& value, const auto& path) {
      json_fields own{value, path, targets.problems_found()};
      if (!value.is_object()) return;
      auto& rule = config.arrivals.by_file.emplace(file, config.arrivals.for_all).first->second;
      read_arrival(own, rule);
      rule.require_mount = own.flag("require_mount").value_or(rule.require_mount);
      own.finish();
    });
  });
}

/// `true`: whatever arrives goes below a mount point. A list: these directories are mount points.
void read_mounts(json_fields& fields, local_config& config) {
  auto* written = fields.get("require_mount");
  if (!written) return;
  auto listed = read_directories(*written);
  if (written->is_boolean())
    config.arrivals.for_all.require_mount = written->get<bool>();
  else if (listed)
    config.mounts = std::move(*listed);
  else
    fields.note("require_mount", R"(must be true, or list directories that are mount points: ["/data/in"])");
}

} // namespace

parsed_local_config parse_local_config(std::string_view text) {
  parsed_local_config parsed;
  auto whole = read_json(text, parsed.problems);
  if (whole.is_discarded()) return parsed;
  if (whole.is_object()) whole.erase("$schema"); // an editor's
  json_fields fields{whole, "", parsed.problems};
  if (!whole.is_object()) return parsed;
  parsed.value.jobs.at_once = std::size_t(fields.number("jobs_at_once", 1, 1000).value_or(4));
  parsed.value.confine_jobs = fields.flag("confine_jobs").value_or(true);
  if (auto* roots = fields.get("roots")) {
    parsed.value.roots = read_directories(*roots);
    if (!parsed.value.roots)
      fields.note("roots",
                  R"(must list directories, absolute or relative to the data directory: ["/srv/exchange"])");
  }
  read_arrival(fields, parsed.value.arrivals.for_all);
  read_mounts(fields, parsed.value);
  read_targets(fields, parsed.value);
  read_web_settings(fields, parsed.value.web);
  read_span_collector(fields, parsed.value.spans);
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
