#pragma once
/// What one neighbour asked for and did not get: a few refusals are written down, more are counted by who
/// asks, and summed up once a minute. Pure: time is given.
#include "actors/ports/event_log.hpp"
#include "protocol/base/repeat_tally.hpp"

#include <map>
#include <string>
#include <vector>

namespace hublink {

class refused_opens {
 public:
  using time = repeat_tally::time;

  /// Is that one to be written down by itself? `asker` is empty for the neighbour.
  bool note(const std::string& asker, errc code, time now) { return of(asker).note(name_of(code), now); }
  /// It was not, whatever there is of its kind.
  void count(const std::string& asker, errc code, time now) { of(asker).add(name_of(code), now); }
  /// Is something counted that was not summed up: of that one, or of anybody?
  bool owes(const std::string& asker) { return of(asker).due().has_value(); }
  bool owes() const;
  /// Those that are due about now, or `all`.
  std::vector<event::refused> take_sums(const std::string& node, const std::string& peer, time now, bool all);

 private:
  static std::string name_of(errc code) { return std::string{to_string(code)}; }
  /// A neighbour can make up as many as it likes that ask through it: further ones are counted together.
  repeat_tally& of(const std::string& asker);

  std::map<std::string, repeat_tally> tallies_; ///< by who asks
};

} // namespace hublink
