#pragma once
/// What a manager applied last: the topology, its version and recipients' certificates, in
/// `DIR/applied.json`. Thread-safe.
#include "node/topology/compiler.hpp"
#include "node/trust/recipient_certificates.hpp"
#include "protocol/definition/signed_definition.hpp"

#include <filesystem>
#include <memory>
#include <mutex>

namespace hublink {

class applied_network {
 public:
  struct state {
    state(std::uint64_t number, topology net, certificate_map known, std::string written = {})
        : version(number), compiler(std::move(net)), certificates(std::move(known)),
          text(std::move(written)) {}
    definition compile(const std::string& node) const;

    std::uint64_t version;
    network_compiler compiler;
    certificate_map certificates; ///< kept with the version: of one version there is one content
    std::string text;             ///< the topology
  };

  /// Reads what was applied; `bad_config` if the file is damaged.
  static outcome<std::unique_ptr<applied_network>> open(const std::filesystem::path& data);

  /// Null: nothing was applied yet.
  std::shared_ptr<const state> now() const;
  /// Written down as the next version: its number is the time, in ms since 1970, and always higher than the
  /// last.
  outcome<std::shared_ptr<const state>> put(const std::string& text, const certificate_map& certificates,
                                            std::int64_t now_ms);

 private:
  explicit applied_network(std::filesystem::path file) : file_(std::move(file)) {}

  std::filesystem::path file_;
  mutable std::mutex lock_;
  std::shared_ptr<const state> state_;
};

/// That node's definition of what was applied, signed.
outcome<bytes> sign_for(const applied_network::state& applied, const std::string& node,
                        const identity& manager, std::size_t most = longest_carried_definition);

} // namespace hublink
