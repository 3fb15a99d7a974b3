#include "node/events/trace_file.hpp"
#include "node/base/time_text.hpp"

#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace hublink {

using json = nlohmann::ordered_json;

json read_trace(const std::filesystem::path& file, const transfer_id& transfer, std::size_t most) {
  auto found = json::array();
  std::ifstream in{file};
  auto wanted = "\"transfer\":\"" + transfer + "\"";
  for (std::string line; found.size() < most && std::getline(in, line);) {
    if (line.find(wanted) == std::string::npos) continue;
    auto event = read_json_object(line);
    if (event && field_text(*event, "transfer") == transfer) found.push_back(std::move(*event));
  }
  return found;
}

void number_times(json& events) {
  std::optional<double> first;
  for (auto& event : events) {
    auto text = field_text(event, "time");
    if (text.size() < 21 || !event.is_object()) continue;
    auto seconds = parse_time(text.substr(0, 19) + "Z", 0);
    if (!seconds) continue;
    auto ms = double(*seconds) + std::atof(("0" + text.substr(19)).c_str()) * 1000;
    if (!first) first = ms;
    event["since_ms"] = std::round((ms - *first) * 1000) / 1000;
  }
}

} // namespace hublink
