/// One file for thousands of receivers behind a tree of servers.
#include "simulation/options.hpp"
#include "simulation/universe.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <iostream>

using namespace hublink;
using namespace hublink::sim;

namespace {

constexpr int upper_servers = 4, lower_servers = 5; // below each of them
constexpr std::size_t file_size = 16'384;

std::string node(const std::string& name, const std::string& address, const std::string& more) {
  return ", \"" + name + R"(": {"address": ")" + address + "\", " + more + "}";
}

/// S with the sender C; servers U-i around it, L-i-j around each of these, with so many receivers each.
std::string tall_network(int receivers_each) {
  std::string nodes = R"("S": {"role": "server", "address": "127.1.0.1:40000", "segment": "127.1.0.0/24"},
    "C": {"role": "client", "address": "127.1.0.2:30000", "home": "S"})";
  std::string members;
  for (int i = 1; i <= upper_servers; ++i) {
    auto upper = "U-" + std::to_string(i), net = "127." + std::to_string(10 * i);
    nodes += node(upper, net + ".0.1:40000",
                  R"("role": "server", "segment": ")" + net + R"(.0.0/16", "neighbours": {"S": 1})");
    for (int j = 1; j <= lower_servers; ++j) {
      auto lower = "L" + upper.substr(1) + "-" + std::to_string(j),
           segment = "127." + std::to_string(10 * i + j);
      nodes += node(lower, segment + ".0.1:40000",
                    R"("role": "server", "segment": ")" + segment + R"(.0.0/16", "neighbours": {")" + upper +
                        "\": 1}");
      for (int r = 1; r <= receivers_each; ++r) {
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

} // namespace

// What a link carries: the file, a few KB, and an envelope of about 750 bytes for each receiver behind it.
TEST_CASE("thousands of receivers behind a tree: each connection between two servers carries the file once",
          "[broadcast][sweep]") {
  auto seconds_since = [](std::clock_t begin) { return double(std::clock() - begin) / CLOCKS_PER_SEC; };
  const int each = options().receivers / (upper_servers * lower_servers);
  auto begin = std::clock();
  universe on{11, tall_network(each)};
  bytes content(file_size, std::byte{7});
  for (auto& [name, at] : on.nodes()) at->chunk_size = 4096;
  on.at("C").disk().put("out/FILE", content);
  on.start_all();
  auto made = seconds_since(begin);
  begin = std::clock();
  auto done = on.transfer("C", "FILE");
  std::cout << done.to.size() << " receivers: network made in " << made << " s of CPU, file sent in "
            << seconds_since(begin) << " s, in " << std::chrono::duration<double>(on.in.now()).count()
            << " s of their time" << std::endl;
  CHECK(done.state == transfer_state::done);
  CHECK(done.to.size() == std::size_t(each * upper_servers * lower_servers));
  CHECK(on.quiet(std::chrono::minutes{1})); // each end has said how much it carried
  std::map<std::string, std::uint64_t> carried;
  for (const auto& one : on.events.all())
    if (auto* closed = std::get_if<event::closed>(&one.what); closed && closed->result == "done")
      if (closed->hop.starts_with("U") || closed->hop.starts_with("L")) carried[closed->hop] += closed->bytes;
  CHECK(carried.size() == std::size_t(upper_servers * (1 + lower_servers)));
  for (const auto& [hop, bytes] : carried) {
    auto behind = std::size_t(hop.starts_with("U") ? each * lower_servers : each);
    INFO(hop << ": " << bytes << " for " << behind);
    CHECK(bytes > file_size);
    CHECK(bytes < file_size + 4'000 + behind * 800);
  }
  for (auto& [name, at] : on.nodes())
    if (name.starts_with("R")) CHECK(at->disk().get("in/FILE") == content);
  CHECK(on.stop_all() == 0);
}
