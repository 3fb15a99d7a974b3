// A broadcast to two receivers, with hubs on every circuit that do what the input says: nobody may publish
// anything but the source, and the sender may not call done what was not published.
#include "broadcast_lab.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::test;

namespace {

/// Takes its decisions from the input, byte by byte; zeros once that is used up.
struct decisions {
  byte_view left;
  std::uint8_t next() {
    if (left.empty()) return 0;
    auto value = std::uint8_t(left.front());
    left = left.subspan(1);
    return value;
  }
};

std::vector<bytes> meddle(decisions& from, std::vector<bytes>& seen, const passing_record& record) {
  seen.push_back(record.whole);
  auto what = from.next();
  auto changed = record.whole;
  switch (what % 16) {
  case 1:
    return {};
  case 2:
    return {record.whole, record.whole};
  case 3:
    changed[from.next() % changed.size()] ^= std::byte(from.next());
    return {changed};
  case 4:
    return {seen[from.next() % seen.size()], record.whole};
  case 5:
    changed.resize(from.next() % changed.size());
    return {changed};
  case 6:
    return {record.whole, seen[from.next() % seen.size()]};
  default:
    return {record.whole};
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decisions input{std::as_bytes(std::span(data, size))};
  broadcast_lab lab({"HOST2", "HOST3"}, input.next());
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  auto seen = std::vector<bytes>{};
  for (auto* each : {&first, &two, &three})
    each->on_the_way = [&](const passing_record& record) { return meddle(input, seen, record); };
  lab.run(input.next());
  for (auto* each : {&two, &three})
    if (auto& published = each->far.target.published; published && *published != lab.source.content)
      std::abort();
  bool all_published = two.far.target.published && three.far.target.published;
  if (first.near.done() && !all_published) std::abort();
  return 0;
}
