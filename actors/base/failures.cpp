#include "actors/base/failures.hpp"

namespace hublink {

namespace {
constexpr auto category = caf::atom("hublink");
}

caf::error to_error(failure what) {
  auto code = static_cast<std::uint8_t>(what.code);
  // Code 0 means "no error" to CAF.
  return {static_cast<std::uint8_t>(code + 1), category, caf::make_message(std::move(what))};
}

failure to_failure(const caf::error& error, const std::string& hop) {
  if (error.category() == category && error.context().match_elements<failure>()) {
    auto what = error.context().get_as<failure>(0);
    if (what.hop.empty()) what.hop = hop;
    return what;
  }
  if (error == caf::sec::request_timeout) return {errc::timed_out, hop, "no answer within the time budget"};
  if (error == caf::sec::request_receiver_down) return {errc::hop_down, hop, "ended before it answered"};
  return {errc::failed, hop, "internal error " + std::to_string(error.code())};
}

} // namespace hublink
