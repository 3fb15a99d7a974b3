/// One file for thousands of receivers behind a tree of servers.
#include "simulation/network/universe.hpp"
#include "simulation/options.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <ctime>
#include <iostream>

using namespace hublink;
using namespace hublink::sim;

namespace {

/// Servers U-i, and below each of them L-i-j, with so many receivers each.
struct shape {
  int upper = 1, lower = 1, receivers = 1;
};
/// What a link carries besides the file: for each receiver behind it, and for the rest of the stream.
constexpr std::size_t most_each = 225, most_else = 4'000;

std::string node(const std::string& name, const std::string& address, const std::string& more) {
  return ", \"" + name + R"(": {"address": ")" + address + "\", " + more + "}";
}

/// S with the sender C, the others around it.
std::string tall_network(const shape& of) {
  std::string nodes = R"("S": {"role": "server", "address": "127.1.0.1:40000", "segment": "127.1.0.0/24"},
    "C": {"role": "client", "address": "127.1.0.2:30000", "home": "S"})";
  std::string members;
  for (int i = 1; i <= of.upper; ++i) {
    auto upper = "U-" + std::to_string(i), net = "127." + std::to_string(10 * i);
    nodes += node(upper, net + ".0.1:40000",
                  R"("role": "server", "segment": ")" + net + R"(.0.0/16", "neighbours": {"S": 1})");
    for (int j = 1; j <= of.lower; ++j) {
      auto lower = "L" + upper.substr(1) + "-" + std::to_string(j),
           segment = "127." + std::to_string(10 * i + j);
      nodes += node(lower, segment + ".0.1:40000",
                    R"("role": "server", "segment": ")" + segment + R"(.0.0/16", "neighbours": {")" + upper +
                        "\": 1}");
      for (int r = 1; r <= of.receivers; ++r) {
        auto name = "R" + lower.substr(1) + "-" + std::to_string(r);
        nodes += node(
            name, segment + "." + std::to_string(1 + r / 200) + "." + std::to_string(1 + r % 200) + ":30000",
            R"("role": "client", "resolver": "system", "home": ")" + lower + "\"");
        members += (members.empty() ? "\"" : ", \"") + name + "\"";
      }
    }
  }
  return R"({"network": "tall", "nodes": {)" + nodes + R"(}, "groups": {"all": [)" + members +
         R"(]}, "transfers": {"FILE": {"from": "C", "to": ["all"]}}})";
}

/// Of the stream, by the server that it went to; as each end has said it.
std::map<std::string, std::uint64_t> carried_to_servers(const universe& on) {
  std::map<std::string, std::uint64_t> carried;
  for (const auto& entry : on.events.all())
    if (auto* closed = std::get_if<event::closed>(&entry.what); closed && closed->result == "done")
      if (closed->hop && (closed->hop->starts_with("U") || closed->hop->starts_with("L")))
        carried[*closed->hop] += closed->bytes;
  return carried;
}

void check_carried_once(const universe& on, const shape& of, std::size_t size) {
  auto carried = carried_to_servers(on);
  CHECK(carried.size() == std::size_t(of.upper * (1 + of.lower)));
  for (const auto& [hop, bytes] : carried) {
    auto behind = std::size_t(hop.starts_with("U") ? of.receivers * of.lower : of.receivers);
    INFO(hop << ": " << bytes << " for " << behind);
    CHECK(bytes > size);
    CHECK(bytes < size + most_else + behind * most_each);
  }
}

double cpu_since(std::clock_t begin) { return double(std::clock() - begin) / CLOCKS_PER_SEC; }

} // namespace

TEST_CASE("thousands of receivers behind a tree: each connection between two servers carries the file once",
          "[broadcast][sweep]") {
  constexpr std::size_t file_size = 16'384;
  shape of{4, 5, options().receivers / 20};
  auto begin = std::clock();
  universe on{11, tall_network(of)};
  bytes content(file_size, std::byte{7});
  for (auto& [name, at] : on.nodes()) at->chunk_size = 4096;
  on.at("C").disk().put("out/FILE", content);
  on.start_all();
  auto made = cpu_since(begin);
  begin = std::clock();
  auto done = on.transfer("C", "FILE");
  std::cout << done.to.size() << " receivers: network made in " << made << " s of CPU, file sent in "
            << cpu_since(begin) << " s, in " << std::chrono::duration<double>(on.in.now()).count()
            << " s of their time" << std::endl;
  CHECK(done.state == transfer_state::done);
  CHECK(done.to.size() == std::size_t(of.upper * of.lower * of.receivers));
  CHECK(on.quiet(std::chrono::minutes{1})); // each end has said how much it carried
  check_carried_once(on, of, file_size);
  for (auto& [name, at] : on.nodes())
    if (name.starts_with("R")) CHECK((at->disk().get("in/FILE") == content));
  CHECK(on.stop_all() == 0);
}

// 500 receivers of 16 MiB would take half a minute, and 8 GB. What a connection between two servers carries
// does not depend on who of them is there: one at each end is, the others are away.
TEST_CASE("16 MiB for 500 receivers behind a connection: it carries 1 % more than the file at most",
          "[broadcast][sweep]") {
  constexpr std::size_t file_size = 16 << 20;
  shape of{2, 2, 250};
  universe on{12, tall_network(of)};
  bytes content(file_size, std::byte{7});
  on.at("C").disk().put("out/FILE", content);
  for (auto& [name, at] : on.nodes())
    if (!name.starts_with("R") || name.ends_with("-1")) at->start();
  on.in.run_for(std::chrono::milliseconds{50});
  auto sent = on.transfer("C", "FILE");
  CHECK(sent.state == transfer_state::partial);
  CHECK(on.quiet(std::chrono::minutes{1}));
  for (const auto& [hop, bytes] : carried_to_servers(on)) {
    auto times = double(bytes) / file_size;
    auto behind = hop.starts_with("U") ? of.receivers * of.lower : of.receivers;
    std::cout << "16 MiB to " << hop << ", " << behind << " receivers behind it: " << times
              << " times its bytes" << std::endl;
    CHECK(times < 1.01);
  }
  check_carried_once(on, of, file_size);
  for (auto name : {"R-1-1-1", "R-1-2-1", "R-2-1-1", "R-2-2-1"})
    CHECK((on.at(name).disk().get("in/FILE") == content));
  CHECK(on.stop_all() == 0);
}
