#include "node/commands/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <sys/ioctl.h>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::size_t narrowest = 40;

bool wants_colours() {
  auto *none = std::getenv("NO_COLOR"), *kind = std::getenv("TERM");
  return !(none && *none) && kind && std::string_view{kind} != "dumb";
}

} // namespace

terminal terminal::of_output() {
  terminal found;
  found.is_one = ::isatty(STDOUT_FILENO) != 0;
  if (!found.is_one) return found;
  found.has_colours = wants_colours();
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    found.columns = std::max<std::size_t>(size.ws_col, narrowest);
  return found;
}

std::string local_time(const std::string& rfc3339) {
  std::tm utc{};
  auto* end = ::strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (!end || rfc3339.empty() || rfc3339.back() != 'Z') return rfc3339;
  auto seconds = ::timegm(&utc);
  std::tm here{};
  ::localtime_r(&seconds, &here);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &here)};
}

std::string shown_time(const terminal& at, const std::string& rfc3339) {
  return at.is_one ? local_time(rfc3339) : rfc3339;
}

mood mood_of(std::string_view state) {
  if (state == "done" || state == "valid" || state == "in" || state == "up") return mood::good;
  if (state == "running" || state == "queued" || state == "spooled") return mood::busy;
  if (state == "failed" || state == "partial" || state == "unconfirmed" || state == "ended" ||
      state == "lost" || state == "expires-soon")
    return mood::bad;
  return mood::plain;
}

} // namespace hublink
