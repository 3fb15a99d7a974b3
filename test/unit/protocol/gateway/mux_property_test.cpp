// Random applications over a random line: every byte in order, no deadlock, and a lost link loses nothing but
// the rest.
#include "mux_pair.hpp"
#include "support/catch.hpp"

#include <random>

using namespace hublink;
using namespace hublink::test;

namespace {

class chance {
 public:
  explicit chance(std::uint32_t seed) : draw_(seed) {}
  std::size_t below(std::size_t most) { return draw_() % most; }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937 draw_;
};

std::string content(chance& draw) {
  std::string text(draw.one_in(4) ? draw.below(300'000) : draw.below(3'000), ' ');
  for (auto& c : text) c = char(draw.below(256));
  return text;
}

mux_limits some_limits(chance& draw) {
  mux_limits limits;
  limits.window = std::uint32_t(1 + draw.below(40'000));
  limits.most_window = limits.window * std::uint32_t(1 + draw.below(8));
  limits.window_growth = draw.below(1 << 20);
  return limits;
}

struct history {
  chance draw;
  mux_pair net;
  std::map<mux_id, bool> broken; ///< reset or stopped by somebody

  explicit history(std::uint32_t seed) : draw(seed), net(some_limits(draw), some_limits(draw)) {
    net.a.reads_at_once = net.b.reads_at_once = false;
    net.a.most_pulled = 1 + draw.below(100'000);
    net.b.most_pulled = 1 + draw.below(100'000);
    net.a.answer = net.b.answer = draw.one_in(2);
  }

  void open_one(bool by_a) {
    auto& side = by_a ? net.a : net.b;
    auto& other = by_a ? net.b : net.a;
    if (!side.link.ready()) return;
    auto id = side.open(content(draw));
    other.streams[id].to_send = content(draw);
    if (draw.one_in(2)) side.link.readable(id, side.now); // speaks before it has an answer
    if (draw.one_in(8)) broken[id] = side.streams[id].reset_after = true;
    if (draw.one_in(8)) broken[id] = other.streams[id].reset_after = true;
  }

  void answer_some(mux_side& side, std::size_t most) {
    for (; most > 0 && !side.unanswered.empty(); --most) {
      side.accept(side.unanswered.back());
      side.unanswered.pop_back();
    }
  }

  void consume_some(mux_side& side) {
    for (auto& [id, one] : side.streams) {
      auto count = std::min(one.unread, draw.below(50'000));
      one.unread -= count;
      if (count > 0) side.link.consumed(id, count);
    }
  }

  void disturb(mux_side& side) {
    if (side.streams.empty()) return;
    auto place = side.streams.begin();
    std::advance(place, draw.below(side.streams.size()));
    if (!place->second.opened) return;
    broken[place->first] = true;
    if (draw.one_in(2))
      side.link.reset(place->first);
    else
      side.link.stop(place->first);
  }

  void step() {
    net.pass(std::chrono::milliseconds{draw.below(30)});
    if (draw.one_in(12)) open_one(draw.one_in(2));
    if (draw.one_in(60)) disturb(draw.one_in(2) ? net.a : net.b);
    if (draw.one_in(3)) consume_some(draw.one_in(2) ? net.a : net.b);
    if (draw.one_in(6)) answer_some(draw.one_in(2) ? net.a : net.b, 1);
    REQUIRE(net.move(draw.one_in(2), 1 + draw.below(draw.one_in(3) ? 10 : 100'000)));
  }

  void check_prefixes() {
    for (auto [from, to] : {std::pair{&net.a, &net.b}, std::pair{&net.b, &net.a}})
      for (const auto& [id, one] : to->streams) {
        const auto& sent = from->streams[id].to_send;
        REQUIRE(sent.compare(0, one.came.size(), one.came) == 0);
        if (one.ended) REQUIRE(one.came == sent);
      }
  }

  void finish() {
    auto progress = [&] {
      std::size_t sum = 0;
      for (auto side : {&net.a, &net.b})
        for (const auto& [id, one] : side->streams) sum += one.came.size() + one.ended + one.was_reset;
      return sum;
    };
    for (std::size_t before = std::size_t(-1); before != progress();) {
      before = progress();
      REQUIRE(net.settle());
      for (auto side : {&net.a, &net.b}) {
        answer_some(*side, side->unanswered.size());
        for (auto& [id, one] : side->streams) side->consume(id);
      }
      REQUIRE(net.settle());
    }
  }
};

} // namespace

TEST_CASE("every byte comes in order, and nothing stands still", "[mux]") {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    history one{seed};
    for (int i = 0; i < 400; ++i) one.step();
    one.check_prefixes();
    one.finish();
    one.check_prefixes();
    for (auto side : {&one.net.a, &one.net.b})
      for (const auto& [id, stream] : side->streams) {
        if (one.broken.count(id)) continue;
        INFO("stream " << id);
        REQUIRE(stream.opened);
        REQUIRE(stream.ended);
      }
    REQUIRE(one.net.a.link.idle());
    REQUIRE(one.net.b.link.idle());
  }
}

TEST_CASE("a link that is lost at any byte leaves both sides a beginning of what was sent", "[mux]") {
  for (std::uint32_t seed = 1000; seed < 1100; ++seed) {
    INFO("seed " << seed);
    history one{seed};
    auto cut_at = one.draw.below(400);
    for (std::size_t i = 0; i < cut_at; ++i) one.step();
    one.check_prefixes();
  }
}
