#pragma once
/// The example network with its two sources in place, for scenarios with one fault each.
#include "simulation/network/invariants.hpp"
#include "simulation/network/topologies.hpp"

#include <optional>

namespace hublink::sim {

class lab {
 public:
  explicit lab(std::uint64_t seed = 1, const std::string& topology = three_hubs(), bool keep_trace = false)
      : on(seed, topology, keep_trace) {}

  /// Puts a source there, of several chunks.
  void source(const std::string& node, const std::string& path, std::string_view content) {
    bytes whole;
    for (int i = 0; i < 600; ++i)
      whole.insert(whole.end(), as_bytes(content).begin(), as_bytes(content).end());
    ledger.note(node, path, on.in.now(), whole);
    on.at(node).disk().put(path, std::move(whole));
  }
  void start() {
    for (auto& [name, node] : on.nodes()) node->chunk_size = 2048;
    on.start_all();
  }
  /// Sends and waits for the outcome.
  transfer_record transfer(const std::string& from, const std::string& file) {
    auto asked = on.in.now();
    auto record = on.transfer(from, file);
    promised.push_back({from, file, record.transfer, asked});
    return record;
  }
  /// Asks for it and does not wait.
  void begin(const std::string& from, const std::string& file) {
    std::function<void(outcome<transfer_record>)> keep =
        [this, from, file, asked = on.in.now()](const outcome<transfer_record>& kept) {
          if (kept) promised.push_back({from, file, kept->transfer, asked});
        };
    ask<transfer_record>(on.in, *on.at(from).actors().dispatcher, std::chrono::seconds{30}, keep, send_atom_v,
                         file);
  }
  std::vector<std::string> account() { return final_account(on, ledger, promised); }

  universe on;
  content_ledger ledger;
  std::vector<promised_send> promised;
};

inline std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

} // namespace hublink::sim
