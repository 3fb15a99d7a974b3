#include "node/web/workbench.hpp"
#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// Beyond what a request can bring.
constexpr json_bounds kept_whole{.bytes = 16 << 20, .depth = 20, .values = 2'000'000};
constexpr std::size_t longest_name = 255;
constexpr std::string_view draft_begin = "draft ";

failure wrong(std::string text) { return {errc::bad_config, {}, std::move(text)}; }

outcome<json> read_kept(const fs::path& file, json otherwise) {
  auto text = read_small_file(file, kept_whole.bytes);
  if (!text && text.error().code == errc::file_missing) return otherwise;
  if (!text) return text.error();
  auto read = read_json_object(*text, kept_whole);
  if (!read) return failure{errc::io_error, {}, file.string() + " is damaged; remove it"};
  return *read;
}

bool is_number(const json& place, const char* key) {
  auto value = field_integer(place, key);
  return value && *value >= -workbench::farthest && *value <= workbench::farthest;
}

outcome<> check_place(const std::string& name, const json& place) {
  if (name.empty() || name.size() > longest_name) return wrong("a place belongs to a name of 1 to 255 bytes");
  if (place.is_null()) return {};
  if (!place.is_object() || place.size() != 2 || !is_number(place, "x") || !is_number(place, "y"))
    return wrong("places." + name + " has to be {\"x\": X, \"y\": Y}, whole numbers up to " +
                 std::to_string(workbench::farthest));
  return {};
}

} // namespace

outcome<json> workbench::places() const {
  return read_kept(folder_ / "places.json", {{"places", json::object()}});
}

outcome<json> workbench::keep_places(const json& asked) {
  auto* changed = find_field(asked, "places");
  if (!changed || asked.size() != 1 || !(changed->is_object() || changed->is_null()))
    return wrong("say {\"places\": {NAME: {\"x\": X, \"y\": Y}}}, or null in place of what to forget");
  auto kept = places();
  if (!kept) return kept;
  auto& all = (*kept)["places"];
  if (changed->is_null() || !all.is_object()) all = json::object();
  for (const auto& [name, place] : changed->items()) {
    if (auto fine = check_place(name, place); !fine) return fine.error();
    if (place.is_null())
      all.erase(name);
    else
      all[name] = place;
  }
  if (all.size() > most_places) return wrong(std::to_string(most_places) + " places at most");
  if (auto written = write(folder_ / "places.json", *kept); !written) return written.error();
  return json::object();
}

fs::path workbench::draft_file(const std::string& user) const {
  return folder_ / (std::string{draft_begin} + user + ".json"); // a name of an account has no `/`
}

outcome<json> workbench::draft_of(const std::string& user) const {
  return read_kept(draft_file(user), {{"version", 0}, {"draft", nullptr}});
}

outcome<json> workbench::keep_draft(const std::string& user, const json& asked) {
  auto was = field_number(asked, "version");
  auto* draft = find_field(asked, "draft");
  if (!was || !draft || asked.size() != 2 || !(draft->is_object() || draft->is_null()))
    return wrong(
        "say {\"version\": N, \"draft\": {…}}, with the version that you have, or null to throw it away");
  auto kept = draft_of(user);
  if (!kept) return kept;
  const auto version = field_number(*kept, "version").value_or(0);
  if (*was != version)
    return failure{errc::superseded,
                   {},
                   "this draft was changed elsewhere meanwhile: it is at version " + std::to_string(version) +
                       ", not " + std::to_string(*was)};
  if (!draft->is_null() && !has_room(user))
    return wrong("there are " + std::to_string(most_drafts) + " drafts already; throw some away");
  const json made{{"version", version + 1}, {"draft", *draft}};
  if (auto written = write(draft_file(user), made); !written) return written.error();
  return json{{"version", version + 1}};
}

bool workbench::has_room(const std::string& user) const {
  std::error_code problem;
  if (fs::exists(draft_file(user), problem)) return true;
  std::size_t count = 0;
  for (fs::directory_iterator entry{folder_, problem}, end; !problem && entry != end;
       entry.increment(problem))
    count += entry->path().filename().string().starts_with(draft_begin);
  return count < most_drafts;
}

outcome<> workbench::write(const fs::path& file, const json& content) const {
  std::error_code problem;
  fs::create_directories(folder_, problem);
  if (problem) return {errc::io_error, folder_.string() + " can't be made: " + problem.message()};
  fs::permissions(folder_, fs::perms::owner_all, problem);
  if (problem) return {errc::io_error, folder_.string() + " can't be made private: " + problem.message()};
  return write_small_file(file, to_line(content), 0600);
}

} // namespace hublink
