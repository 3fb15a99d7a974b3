#pragma once
/// All connections of this node with one neighbour, links and data alike: how they are treated, and what they
/// measured. Thread-safe. docs/internals/line.md.
#include "actors/definition/definition.hpp"
#include "node/line/congestion_choice.hpp"
#include "node/line/tcp_measures.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hublink {

/// Since the node's start.
struct line_report {
  std::uint64_t bytes_out = 0, bytes_in = 0;
  std::uint64_t segments_out = 0, retransmitted = 0;          ///< by this node
  std::chrono::microseconds round_trip{}, least_round_trip{}; ///< zero: not measured yet
  std::string congestion;                                     ///< what the newest connection has
  std::size_t connections = 0;
};

using line_reports = std::map<std::string, line_report>; ///< by neighbour

class neighbour_line;

/// One connection's part in its line. Who closes the socket says `leave` before.
class line_member {
 public:
  line_member(std::shared_ptr<neighbour_line> of, int fd);
  ~line_member();
  line_member(const line_member&) = delete;

  /// Measures it for the last time, and never touches its socket again. Thread-safe; once is enough.
  void leave();
  /// Its socket is that descriptor from now on, the one before may be closed. Negative: as `leave`.
  void follow(int fd);

 private:
  friend class neighbour_line;
  void forget();

  std::shared_ptr<neighbour_line> of_;
  int fd_;
  std::string own_, now_; ///< congestion control: as the system gave it, and in force
  tcp_measures last_;
  int settled_ = 0; ///< how often it was looked at since it has found how much the line takes
};
using line_member_ptr = std::shared_ptr<line_member>;

class neighbour_line : public std::enable_shared_from_this<neighbour_line> {
 public:
  using clock = congestion_choice::clock;
  /// The kernel does not give that congestion control, for that reason. Once a name.
  using refusal =
      std::function<void(const std::string& name, std::error_code why, const std::string& instead)>;

  explicit neighbour_line(refusal refused) : refused_(std::move(refused)) {}

  line_member_ptr join(int fd, const line_settings& settings, clock::time_point now);
  /// Measures its connections, in turn if they are many, and treats them as the settings say by now. True:
  /// bytes went over it since.
  bool look(const line_settings& settings, clock::time_point now);
  line_report report() const;

 private:
  friend class line_member;
  void measure(line_member& one, clock::time_point now);
  void treat(line_member& one, const line_settings& settings, clock::time_point now);
  std::string wanted(const line_member& one, const line_settings& settings) const;

  refusal refused_;
  mutable std::mutex lock_;
  std::vector<line_member*> members_;
  std::size_t next_ = 0; ///< to be looked at
  line_report sum_;
  congestion_choice choice_;
  std::uint64_t most_segments_ = 0; ///< of one connection in this look
  std::vector<std::string> refusals_told_;
  clock::time_point ask_again_{};
};

} // namespace hublink
