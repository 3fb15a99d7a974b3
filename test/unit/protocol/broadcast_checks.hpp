#pragma once
/// What tests of broadcasts look at.
#include "broadcast_lab.hpp"
#include "support/catch.hpp"
#include "transfer_fixture.hpp"

#include "protocol/transfer/digest.hpp"

#include <algorithm>

namespace hublink::test {

inline std::string sha256_of(const bytes& content) {
  file_digest running{digest_kind::sha256};
  running.add(content);
  return running.text();
}

/// The sender knows from the first one whether it had sent all.
inline void begin_second_attempt(broadcast_lab& lab, const lab_circuit& first) {
  lab.sending.sending.offer.attempt = 2;
  if (first.near.owner.was_asked<question::all_sent>())
    lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
}

inline std::size_t count(const lab_circuit& at, record_type type) {
  return std::size_t(std::count_if(at.recorded.begin(), at.recorded.end(),
                                   [&](const auto& each) { return each.type == type; }));
}

inline void check_whole(const broadcast_lab& lab, const lab_circuit& at) {
  INFO(at.far.text());
  CHECK(at.far.done());
  REQUIRE(at.far.target.published);
  CHECK(*at.far.target.published == lab.source.content);
}

/// The point's journal has what is durable in its spool, and the sender hears so.
inline void confirm(lab_point& point) {
  auto kept = point.held->durable();
  point.held->confirm(kept.chunks, !kept.end.empty());
  point.board->give_sign();
}

/// What a receiver keeps between two attempts.
inline void keep(broadcast_lab& lab, const std::string& name, const lab_circuit& at) {
  lab.targets.at(name) = at.far.target;
  if (at.far.target.noted) lab.safe[name] = *at.far.target.noted;
}

} // namespace hublink::test
