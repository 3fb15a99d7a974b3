#pragma once
/// Runs two transfer ends against each other through a hub in memory, which may do as it likes. A seed
/// decides who does what next and how the bytes are cut, so that one test sees many orders of events.
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/circuit/record_frame.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>

namespace hublink::test {

/// The source; set `later` to what a recheck shall find, `broken` to what opening or reading shall say.
struct memory_source {
  bytes content;
  file_facts facts;
  std::optional<file_facts> later;
  std::optional<failure> broken_open, broken_read;
};

struct memory_target {
  std::optional<bytes> partial, published;
  create_file wanted{};
  std::optional<failure> broken_create, broken_reopen, broken_write, broken_sync, broken_flush,
      broken_publish, broken_settle;
  std::optional<checkpoint> noted; ///< the last one
  std::uint64_t written = 0;       ///< bytes, in all attempts
  bool flushing = false;
  bool flushes_late = false; ///< only when the file is wanted for something else
};

/// Wants everything that it is not told to answer otherwise.
struct owner_answers {
  std::vector<consult_owner> asked;

  template <class Question>
  void answers(verdict answer) {
    others_[consult_owner{Question{}}.index()] = std::move(answer);
  }
  verdict answer_to(const consult_owner& question) const;
  /// The last one; null if it was not asked.
  template <class Question>
  const Question* find() const {
    const Question* found = nullptr;
    for (const auto& each : asked)
      if (auto* same = std::get_if<Question>(&each)) found = same;
    return found;
  }
  template <class Question>
  bool was_asked() const {
    return find<Question>() != nullptr;
  }

 private:
  std::map<std::size_t, verdict> others_; ///< by the question's index
};

/// A record as the hub sees it.
struct passing_record {
  bool to_receiver = true;
  std::size_t number = 0; ///< per direction, from 0
  record_type type = record_type::offer;
  bytes whole; ///< with its head
};
/// What leaves the hub instead, in order.
using hub = std::function<std::vector<bytes>(const passing_record&)>;

struct end_report {
  std::optional<outcome<>> result; ///< nothing: it never ended
  bool courtesy = false;
  transfer_progress progress;
  std::string digest;

  bool done() const { return result && *result; }
  errc code() const { return result && !*result ? result->error().code : errc::failed; }
  std::string text() const { return result && !*result ? to_string(result->error()) : "done"; }
};

class end_driver {
 public:
  memory_source source;
  memory_target target;
  owner_answers sender_owner, receiver_owner;
  hub on_the_way;
  /// The circuit breaks after so many records to the receiver (or to the sender).
  std::optional<std::size_t> cut_after, cut_back_after;
  /// Between any two records each end says that it lives, as often as it can.
  bool signs = false;

  void run(circuit_end& sender, circuit_end& receiver, unsigned seed = 1);

  end_report sent, received;
  std::vector<passing_record> recorded; ///< as they came to the hub

 private:
  struct side {
    circuit_end* end = nullptr;
    end_report* report = nullptr;
    owner_answers* owner = nullptr;
    std::optional<end_step> open{}; ///< given, not yet reported
    bytes leaving{};                ///< towards the hub, not yet a whole record
    std::deque<std::byte> coming{};
    std::size_t passed = 0; ///< records that came to the hub
    bool ending = false;    ///< after what is coming the circuit ends
    bool cut = false;       ///< it was told so
  };
  bool act(side& who);
  void report_step(side& who);
  void give_sign(side& who);
  bool deliver(side& who);
  void take_result(side& who, const finish& over);
  void work_on_source(const end_step& step);
  void work_on_target(const end_step& step);
  void end_flush();
  void ask_owner(side& who, const consult_owner& asked);
  void pass_on(side& from);
  void forward(side& from, passing_record record);
  void hang_up();
  side& peer_of(const side& who) { return &who == &sender_ ? receiver_ : sender_; }
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

  side sender_, receiver_;
  bool dead_ = false; ///< the circuit is gone: what is sent vanishes
  std::mt19937 random_;
};

} // namespace hublink::test
