#include "simulation/network/event_trace.hpp"

namespace hublink::sim {

namespace {

std::string list(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

// Numbers of bytes are left out: the length of a signature is random.
struct words {
  std::string operator()(const event::told& what) const {
    auto line = "told " + what.from + " " + what.file.value_or("-");
    if (!what.destination.empty()) line += " to " + list(what.destination);
    if (what.attempt > 1) line += " attempt " + std::to_string(what.attempt);
    return line;
  }
  std::string operator()(const event::next& what) const {
    return "next " + what.host + " by " + what.by + " at " + what.hop;
  }
  std::string operator()(const event::opened& what) const { return "opened " + what.hop; }
  std::string operator()(const event::refused& what) const {
    return "refused " + what.by + ": " + what.reason;
  }
  std::string operator()(const event::closed& what) const { return "closed " + what.result; }
  std::string operator()(const event::received& what) const {
    return "received " + what.file + " from " + what.from;
  }
  std::string operator()(const event::sent& what) const {
    auto line = "sent " + what.file;
    for (const auto& [name, state] : what.receivers) line += " " + name + ":" + state;
    return line;
  }
  std::string operator()(const event::job& what) const {
    return what.job + " " + what.file + " " + what.result;
  }
  std::string operator()(const event::definition& what) const {
    return "definition " + std::to_string(what.version) + (what.reason ? " refused: " + *what.reason : "");
  }
  std::string operator()(const event::session& what) const {
    constexpr const char* names[] = {"login", "logout", "session_lost"};
    return std::string{names[std::size_t(what.what)]} + " " + what.server +
           (what.reason ? ": " + *what.reason : "");
  }
};

} // namespace

std::string to_string(const traced_event& one) { return one.node + " " + std::visit(words{}, one.what); }

std::vector<std::string> event_trace::of(const transfer_id& transfer) const {
  std::vector<std::string> lines;
  for (const auto& one : all_)
    if (one.transfer == transfer) lines.push_back(to_string(one));
  return lines;
}

void event_trace::write(const std::string& node, const transfer_id& transfer, const event::any& what) {
  all_.push_back({world_.now(), node, transfer, what});
  world_.note(node,
              transfer.substr(std::min<std::size_t>(transfer.size(), 24)) + " " + std::visit(words{}, what));
}

} // namespace hublink::sim
