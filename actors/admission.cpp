#include "actors/admission.hpp"

namespace hublink {

namespace {

verdict refuse(errc code, std::string text) {
  return {verdict::kind::refuse, {code, {}, std::move(text)}, {}};
}

constexpr auto superseded_text = "a later transfer of this file was published already";

} // namespace

verdict admit(const std::optional<known_transfer>& known, std::uint64_t last_published,
              const transfer_offer& offer) {
  if (known && known->state == transfer_state::done) return {verdict::kind::already_done, {}, known->receipt};
  if (known && offer.attempt < known->attempt)
    return refuse(errc::replayed, "a later attempt of this transfer was here already");
  if (offer.sequence < last_published) return refuse(errc::superseded, superseded_text);
  if (offer.sequence == last_published)
    return refuse(errc::replayed, "another transfer with this sequence was published already");
  return {};
}

outcome<> may_publish(const known_transfer& known, std::uint64_t sequence, std::uint64_t last_published) {
  if (known.state == transfer_state::done)
    return failure{errc::replayed, {}, "another attempt of this transfer was published already"};
  if (sequence <= last_published) return failure{errc::superseded, {}, superseded_text};
  return {};
}

} // namespace hublink
