#pragma once
/// Live progress of a waited transfer: one line that moves on a terminal, plain lines into a pipe.
#include "node/commands/progress_rate.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace hublink {

class progress_line {
 public:
  /// `terminal`: by default whether standard error is one.
  explicit progress_line(std::ostream& out);
  progress_line(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  /// A transfer's record (docs/reference/json.md, "transfers"), as often as it changes.
  void show(const nlohmann::ordered_json& record);

 private:
  using clock = std::chrono::steady_clock;

  void show_receivers(const nlohmann::ordered_json& record);
  std::string text(const nlohmann::ordered_json& record);
  static std::string settled_text(const nlohmann::ordered_json& record);
  std::string final_text(const nlohmann::ordered_json& record) const;

  std::ostream& out_;
  bool terminal_;
  std::string state_; ///< as last shown
  progress_rate rate_;
  clock::time_point shown_;
};

/// `1.5 MiB`, three digits at most.
std::string human_bytes(double bytes);

} // namespace hublink
