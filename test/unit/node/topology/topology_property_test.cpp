#include "networks.hpp"
#include "node/topology/walk.hpp"
#include "support/catch.hpp"

#include <random>

using namespace hublink;
using namespace hublink::test;

namespace {

#ifdef HUBLINK_SANITIZED
constexpr int rounds = 2'000; // a sanitizer is slow, and the seed is the same
#else
constexpr int rounds = 20'000;
#endif

/// What a careless or hostile hand might write.
const std::vector<nlohmann::json> values = {
    "ServerA",
    "ServerB",
    "ServerC",
    "HOST1",
    "HOST2",
    "HOST3",
    "MGR",
    "S1",
    "S3",
    "S5",
    "",
    "../x",
    "a\nb",
    "127.1.1.1:40000",
    "127.1.2.12",
    "127.1.0.0/16",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "::/0",
    "[::1]:9",
    "10.0.0.7",
    "127.1.3.77",
    "server",
    "client",
    "manager",
    "auto",
    "manual",
    "system",
    "out",
    "in/report.bin",
    0,
    1,
    2,
    -1,
    9,
    1e300,
    18446744073709551615u,
    true,
    nullptr,
    nlohmann::json::array(),
    nlohmann::json::object(),
    nlohmann::json::array({"ServerC", "ServerB"}),
    nlohmann::json::array({"HOST2", "HOST3"}),
    {{"ServerA", 1}},
    {{"HOST2", "127.1.3.77"}},
    {{"HOST3", "10.0.0.7"}},
    nlohmann::json::array({{{"network", "127.1.0.0/16"}, {"via", "ServerC"}, {"priority", 1}}}),
    nlohmann::json::array({{{"network", "127.1.0.0/16"}, {"via", "ServerB"}}})};
const std::vector<std::string> keys = {
    "routes",   "default_route", "hosts",        "resolver",     "neighbours", "segment", "home",
    "dial",     "via",           "broadcast_at", "placement",    "to",         "from",    "send",
    "receive",  "retry",         "digest",       "if_exists",    "limits",     "proxy",   "rate",
    "priority", "preempt",       "checkpoint",   "checkpoint_s", "zzz"};

class mutator {
 public:
  explicit mutator(std::uint32_t seed) : random_(seed) {}

  std::string next(const std::vector<nlohmann::json>& originals) {
    auto tree = pick(originals);
    for (auto count = below(3) + 1; count > 0; --count) change(tree);
    auto text = tree.dump();
    if (below(10) == 0)
      for (auto count = below(4) + 1; count > 0; --count)
        text[below(text.size())] = static_cast<char>(below(256));
    return text;
  }

 private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
  }
  template <class T>
  const T& pick(const std::vector<T>& list) {
    return list[below(list.size())];
  }

  /// Goes down a random way and changes what is at its end.
  void change(nlohmann::json& at) {
    if (at.is_structured() && !at.empty() && below(8) != 0) {
      auto member = at.begin();
      std::advance(member, below(at.size()));
      if (below(10) == 0)
        at.erase(member);
      else
        change(*member);
    } else if (at.is_object() && below(2) == 0) {
      at[pick(keys)] = pick(values);
    } else if (at.is_array() && below(2) == 0) {
      at.push_back(pick(values));
    } else {
      at = pick(values);
    }
  }

  std::mt19937 random_;
};

std::optional<ip_address> no_address(const std::string&) { return {}; }

/// Every transfer of a network without problems ends: at all receivers, or with a reason. Returns how many
/// arrived everywhere.
int walk_all(const topology& net) {
  const auto nodes = compile_all(net);
  int arrived = 0;
  for (const auto& [file, transfer] : net.transfers) {
    auto start = first_open(nodes.at(transfer.from), file);
    REQUIRE(start);
    auto result = walk(nodes, transfer.from, *start, no_address);
    // Each branch passes at most max_hops nodes; there are as many as receivers.
    REQUIRE(result.steps.size() <= (max_hops + 1u) * transfer.to.size());
    REQUIRE((!result.failures.empty() || result.arrived.size() == transfer.to.size()));
    for (const auto& why : result.failures) REQUIRE_FALSE(why.text.empty());
    arrived += result.failures.empty();
  }
  return arrived;
}

} // namespace

TEST_CASE("no topology crashes parser, check, compiler or walk, and every walk ends") {
  const std::vector<nlohmann::json> originals = {nlohmann::json::parse(example_text()),
                                                 nlohmann::json::parse(chain_text(5, {"S4", "S2"}))};
  mutator hand{20260101};
  int valid = 0, arrived = 0;
  for (int i = 0; i < rounds; ++i) {
    auto text = hand.next(originals);
    INFO("round " << i << ": " << text);
    auto checked = parse_and_check(text);
    for (const auto& each : checked.problems) REQUIRE(to_string(each).find('\n') == std::string::npos);
    if (checked.problems.empty()) {
      ++valid;
      arrived += walk_all(checked.value);
    } else if (i % 8 == 0) {
      compile_all(checked.value); // never done by a command, yet harmless
    }
  }
  // Else the test would say little.
  CHECK(valid > rounds / 50);
  CHECK(arrived > valid);
}
