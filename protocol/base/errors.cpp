#include "protocol/base/errors.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

struct named_code {
  errc code;
  std::string_view name;
};

/// In the order of the enum.
constexpr std::array names{
    named_code{errc::failed, "failed"},
    named_code{errc::bad_config, "bad-config"},
    named_code{errc::unknown_file, "unknown-file"},
    named_code{errc::not_registered, "not-registered"},
    named_code{errc::not_authorised, "not-authorised"},
    named_code{errc::no_route, "no-route"},
    named_code{errc::loop, "loop"},
    named_code{errc::hop_down, "hop-down"},
    named_code{errc::timed_out, "timed-out"},
    named_code{errc::busy, "busy"},
    named_code{errc::bad_message, "bad-message"},
    named_code{errc::bad_token, "bad-token"},
    named_code{errc::file_missing, "file-missing"},
    named_code{errc::file_denied, "file-denied"},
    named_code{errc::file_changed, "file-changed"},
    named_code{errc::file_exists, "file-exists"},
    named_code{errc::no_space, "no-space"},
    named_code{errc::io_error, "io-error"},
    named_code{errc::tampered, "tampered"},
    named_code{errc::replayed, "replayed"},
    named_code{errc::superseded, "superseded"},
    named_code{errc::cut, "cut"},
    named_code{errc::cancelled, "cancelled"},
    named_code{errc::unconfirmed, "unconfirmed"},
    named_code{errc::job_failed, "job-failed"},
    named_code{errc::line_down, "line-down"},
    named_code{errc::not_authenticated, "not-authenticated"},
    named_code{errc::never_sent, "never-sent"},
    named_code{errc::stored, "stored"},
    named_code{errc::expired, "expired"},
};

} // namespace

std::string_view to_string(errc code) {
  auto found = std::find_if(names.begin(), names.end(), [=](const auto& row) { return row.code == code; });
  return found == names.end() ? "failed" : found->name;
}

errc errc_from_string(std::string_view name) {
  auto found = std::find_if(names.begin(), names.end(), [=](const auto& row) { return row.name == name; });
  return found == names.end() ? errc::failed : found->code;
}

int exit_code(errc code) {
  switch (code) {
  case errc::stored: // it is on its way
    return 0;
  case errc::bad_config:
    return 2;
  case errc::no_route:
  case errc::loop:
  case errc::hop_down:
  case errc::line_down:
  case errc::timed_out: // of an `open`; waiting that ended is the command line's own 3
    return 4;
  case errc::unknown_file:
  case errc::not_registered:
  case errc::not_authorised:
  case errc::bad_token:
  case errc::replayed:
  case errc::not_authenticated:
  case errc::never_sent:
    return 5;
  case errc::cancelled:
    return 7;
  case errc::no_space:
    return 8;
  default:
    return 1;
  }
}

bool is_disturbance(errc code) {
  return code == errc::bad_message || code == errc::bad_token || code == errc::tampered || code == errc::cut;
}

bool is_of_the_way(errc code) {
  switch (code) {
  case errc::no_route:
  case errc::hop_down:
  case errc::line_down:
  case errc::timed_out:
  case errc::busy:
  case errc::unconfirmed:
    return true;
  default:
    return is_disturbance(code);
  }
}

bool may_work_elsewhere(const failure& why) {
  if (why.at_end) return false;
  switch (why.code) {
  case errc::hop_down:
  case errc::line_down:
  case errc::timed_out:
  case errc::busy:
  case errc::no_route:
  case errc::loop:
  case errc::unconfirmed:
    return true;
  default:
    return is_disturbance(why.code);
  }
}

bool denies_all(const failure& why) {
  return why.by == evidence::proof && !is_of_the_way(why.code) && why.code != errc::not_authorised;
}

bool is_for_good(const failure& why) {
  switch (why.code) {
  case errc::stored: // outcomes of a store, to which the file was entrusted
  case errc::expired:
    return true;
  case errc::bad_config:
  case errc::not_authorised:
  case errc::loop:
  case errc::replayed:
  case errc::file_exists:
  case errc::superseded:
  case errc::cancelled:
    return why.by != evidence::seen;
  default:
    return false;
  }
}

std::string text_for_others(const failure& what) {
  switch (what.code) {
  case errc::file_missing:
    return "the file does not exist";
  case errc::file_denied:
    return "permission denied, or not a regular file";
  case errc::file_changed:
    return "the file changed while it was sent";
  case errc::file_exists:
    return "the target exists already, and if_exists is refuse";
  case errc::no_space:
    return "no space left for the file";
  case errc::io_error:
    return "the file can't be made, read or written there; the history of that node says why";
  default:
    return what.text;
  }
}

std::string to_string(const failure& what) {
  std::string line = what.text.empty() ? std::string{to_string(what.code)} : what.text;
  if (!what.hop.empty()) line += " (at " + what.hop + ")";
  // Text and hop may come off the wire: neither a second line nor a terminal's escape may pass.
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

} // namespace hublink
