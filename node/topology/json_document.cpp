#include "node/topology/json_document.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

/// Watches the parser for keys that one object says twice: JSON itself would silently keep the last.
class key_watch {
 public:
  explicit key_watch(problems& found) : found_(found) {}

  bool operator()(nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) open_.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) open_.pop_back();
    if (event == nlohmann::json::parse_event_t::key) saw(parsed.get_ref<const std::string&>());
    return true;
  }

 private:
  struct object {
    std::set<std::string> keys;
    std::string current;
  };

  void saw(const std::string& key) {
    open_.back().current = key;
    if (open_.back().keys.insert(key).second) return;
    std::string path;
    for (std::size_t i = 0; i < std::min<std::size_t>(open_.size(), 8); ++i)
      path += (i == 0 ? "" : ".") + shown(open_[i].current);
    found_.push_back({path, "is there twice; keep one of them"});
  }

  problems& found_;
  std::vector<object> open_;
};

/// `line 3, column 7` of a byte of the text.
std::string place_of(std::string_view text, std::size_t byte) {
  auto before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto column = before.size() - (line_start == before.npos ? 0 : line_start + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// What remains of the library's message without its own prefix and place.
std::string reason_of(const std::string& message) {
  auto begin = message.find("column ");
  begin = begin == message.npos ? message.find("] ") : message.find(": ", begin);
  return begin == message.npos ? message : message.substr(begin + 2);
}

} // namespace

nlohmann::json read_json(std::string_view text, problems& found) {
  try {
    key_watch watch{found};
    return nlohmann::json::parse(text, [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
      return watch(event, parsed);
    });
  } catch (const nlohmann::json::parse_error& error) {
    found.push_back({place_of(text, error.byte), "is no JSON: " + shown(reason_of(error.what()))});
  } catch (const nlohmann::json::exception& error) { // a number out of range has no place
    found.push_back({"file", "is no JSON: " + shown(reason_of(error.what()))});
  }
  return nlohmann::json(nlohmann::json::value_t::discarded);
}

} // namespace hublink
