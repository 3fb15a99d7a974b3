#include "simulation/network/event_trace.hpp"

namespace hublink::sim {

namespace {

std::string list(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

// Numbers are left out: the length of a signature is random.
struct plain_fields {
  std::string& line;

  void operator()(std::string_view, const std::string& value) const { line += " " + value; }
  void operator()(std::string_view, std::string_view value) const { line += " " + std::string{value}; }
  void operator()(std::string_view, const std::vector<std::string>& names) const {
    if (!names.empty()) line += " " + list(names);
  }
  void operator()(std::string_view, const std::map<std::string, std::string>& values) const {
    for (const auto& [name, value] : values) line += " " + name + ":" + value;
  }
  void operator()(std::string_view, std::uint64_t) const {}
  template <class Value>
  void operator()(std::string_view key, const std::optional<Value>& value) const {
    if (value) (*this)(key, *value);
  }
};

struct event_line {
  std::string operator()(const auto& what) const {
    std::string line{what.name};
    what.fields(plain_fields{line});
    return line;
  }
  std::string operator()(const event::told& what) const {
    auto line = "told " + what.from + " " + what.file.value_or("-");
    if (!what.destination.empty()) line += " to " + list(what.destination);
    if (what.attempt > 1) line += " attempt " + std::to_string(what.attempt);
    return line;
  }
  std::string operator()(const event::next& what) const {
    return "next " + what.host + " by " + what.by + " at " + what.hop;
  }
  std::string operator()(const event::refused& what) const {
    return "refused " + what.by + ": " + what.reason; // `count` is in it
  }
  std::string operator()(const event::received& what) const {
    return "received " + what.file + " from " + what.from;
  }
  std::string operator()(const event::definition& what) const {
    return "definition " + std::to_string(what.version) + (what.reason ? " refused: " + *what.reason : "");
  }
};

} // namespace

std::string to_string(const traced_event& entry) {
  return entry.node + " " + std::visit(event_line{}, entry.what);
}

std::vector<std::string> event_trace::of(const transfer_id& transfer) const {
  std::vector<std::string> lines;
  for (const auto& entry : all_)
    if (entry.transfer == transfer) lines.push_back(to_string(entry));
  return lines;
}

void event_trace::write(const std::string& node, const transfer_id& transfer, const event::any& what) {
  all_.push_back({world_.now(), node, transfer, what});
  world_.note(node, transfer.substr(std::min<std::size_t>(transfer.size(), 24)) + " " +
                        std::visit(event_line{}, what));
}

} // namespace hublink::sim
