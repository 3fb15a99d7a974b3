#include "actors/management/command_channel.hpp"

namespace hublink {

namespace {

/// Lines of which parts have come: the parts of one follow each other.
constexpr std::size_t most_begun = 16;

/// Calls `send(part, more)` for each part; at least once.
template <class Send>
void in_parts(const std::string& line, Send send) {
  std::size_t at = 0;
  do {
    auto part = line.substr(at, max_command_part);
    at += part.size();
    send(std::move(part), at < line.size());
  } while (at < line.size());
}

} // namespace

void command_channel::ask(std::uint64_t number, const std::string& line) {
  in_parts(line, [&](std::string part, bool more) {
    env_->plane.send(link_, command{number, std::move(part), more});
  });
}

void command_channel::tell(std::uint64_t number, const std::string& line, bool last,
                           const std::optional<failure>& why) {
  if (line.size() > longest_line)
    return tell(number, "", true,
                failure{errc::busy, env_->self->node, "the answer is too long; ask for less with --limit"});
  in_parts(line, [&](std::string part, bool more) {
    env_->plane.send(link_, report{number, std::move(part), more, last && !more, why});
  });
}

outcome<std::optional<std::string>> command_channel::join(std::uint64_t number, const std::string& part,
                                                          bool more, std::size_t most) {
  if (bytes_ + part.size() > most || parts_.size() > most_begun)
    return failure{errc::bad_message, {}, "a command or answer that is too long"};
  if (more) {
    if (!room_.take(part.size()))
      return failure{errc::busy, env_->self->node, "too many long commands of one peer at once"};
    parts_[number] += part;
    bytes_ += part.size();
    return std::optional<std::string>{};
  }
  auto begun = parts_.extract(number);
  if (!begun) return std::optional{part};
  bytes_ -= begun.mapped().size();
  room_.give_back(begun.mapped().size());
  return std::optional{std::move(begun.mapped()) + part};
}

void command_channel::answer_beat(const beat& sign) {
  if (!sign.answer) env_->plane.send(link_, beat{true});
}

bool command_channel::is_alive(clock::time_point now) {
  if (now - heard_ >= env_->timing.beat_limit) return false;
  if (now - std::max(heard_, asked_) >= env_->timing.beat_every) {
    asked_ = now;
    env_->plane.send(link_, beat{});
  }
  return true;
}

} // namespace hublink
