#pragma once
/// Makes spans of a node's events. Pure: no clock and no I/O. How they nest: docs/internals/spans.md.
#include "actors/ports/event_log.hpp"
#include "node/spans/aging_table.hpp"
#include "node/spans/span.hpp"

namespace hublink {

class span_builder {
 public:
  /// What was refused is over when it has not been gone on with for so long, which is more than a search has;
  /// so is what was asked and never answered, after `longest_search`.
  static constexpr std::chrono::seconds quiet{12}, longest_search{120};

  /// So many may be open at a time: the oldest are forgotten.
  explicit span_builder(std::size_t most_open = 20'000)
      : parts_(most_open), legs_(most_open), told_(most_open) {}

  /// Events in the order in which they were written.
  void note(const transfer_id& transfer, const event::any& what, span::time at);
  /// Ends what is over by that time.
  void settle(span::time now);
  /// The spans that are finished.
  std::vector<span> take() { return std::exchange(finished_, {}); }
  /// So many that had begun were forgotten since the last call.
  std::uint64_t take_forgotten() { return parts_.take_forgotten() + legs_.take_forgotten(); }

 private:
  using mark = event::circuit_mark;
  /// This node's part of a circuit.
  struct part {
    span made;
    std::optional<span::time> refused{}; ///< its last word so far
    std::string why{};
  };
  /// From asking a hop to the end of what runs over it.
  struct leg {
    span made;
    mark of{};
    std::optional<span::time> opened{}, refused{};
    std::string why{};
  };

  void take_told(const transfer_id& transfer, const event::told& what, span::time at);
  void take_next(const transfer_id& transfer, const event::next& what, span::time at);
  void take_refused(const event::refused& what, span::time at);
  void take_closed(const event::closed& what, span::time at);
  void take_received(const transfer_id& transfer, const event::received& what, span::time at);
  void take_sent(const transfer_id& transfer, const event::sent& what, span::time at);
  void take_job(const transfer_id& transfer, const event::job& what, span::time at);
  void finish(part& which, span::time at);
  void finish(leg& which, span::time at);
  void give_up(const mark& of, span::time at, const std::string& why);

  aging_table<part> parts_;       ///< by the leg by which they came
  aging_table<leg> legs_;         ///< by their id
  aging_table<std::string> told_; ///< the part that was told last, by transfer
  std::vector<span> finished_;
};

} // namespace hublink
