#include "node/definition/applied_network.hpp"
#include "node/base/small_file.hpp"
#include "node/definition/definition_json.hpp"
#include "node/topology/topology_check.hpp"

#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

constexpr std::size_t most_applied = 64 << 20; // bytes: a large topology, and thousands of certificates
constexpr json_bounds applied_bounds{.bytes = most_applied, .depth = 16, .values = 8'000'000};

std::optional<certificate_map> read_certificates_of(const nlohmann::json& stored) {
  certificate_map found;
  auto known = stored.find("certificates");
  if (known == stored.end()) return found;
  for (const auto& [name, hex] : known->items()) {
    auto certificate = hex.is_string() ? from_hex(hex.get<std::string>()) : std::nullopt;
    if (!certificate) return {};
    found[name] = std::move(*certificate);
  }
  return found;
}

} // namespace

definition applied_network::state::compile(const std::string& node) const {
  auto self = compiler.compile(node);
  add_certificates(self, certificates);
  return self;
}

outcome<std::unique_ptr<applied_network>> applied_network::open(const std::filesystem::path& data) {
  std::unique_ptr<applied_network> made{new applied_network{data / "applied.json"}};
  auto text = read_small_file(made->file_, most_applied);
  if (!text && text.error().code == errc::file_missing) return made;
  if (!text) return {errc::bad_config, text.error().text};
  auto read = build_json<nlohmann::json>(*text, applied_bounds);
  auto* kept = std::get_if<nlohmann::json>(&read);
  const auto stored = kept ? std::move(*kept) : nlohmann::json{};
  bool readable = stored.is_object() && stored.contains("version") &&
                  stored["version"].is_number_unsigned() && stored.contains("topology") &&
                  stored["topology"].is_object();
  auto certificates = readable ? read_certificates_of(stored) : std::nullopt;
  auto net = readable ? parse_and_check(stored["topology"].dump()) : parsed_topology{};
  if (!certificates || !net.problems.empty())
    return {errc::bad_config, made->file_.string() + " is damaged; remove it, and apply once more"};
  made->state_ = std::make_shared<const state>(stored["version"].get<std::uint64_t>(), std::move(net.value),
                                               std::move(*certificates), stored["topology"].dump(2));
  return made;
}

std::shared_ptr<const applied_network::state> applied_network::now() const {
  std::lock_guard guard{lock_};
  return state_;
}

outcome<std::shared_ptr<const applied_network::state>>
applied_network::put(const std::string& text, const certificate_map& certificates, std::int64_t now_ms) {
  auto net = parse_and_check(text);
  if (!net.problems.empty())
    return {errc::bad_config,
            "the topology has " + count_of(net.problems) + ": " + to_string(net.problems.front())};
  std::lock_guard guard{lock_};
  auto version = std::max(std::uint64_t(now_ms), state_ ? state_->version + 1 : 1);
  nlohmann::json stored{
      {"version", version},
      {"topology", std::get<nlohmann::json>(build_json<nlohmann::json>(text, applied_bounds))}};
  for (const auto& [name, certificate] : certificates) stored["certificates"][name] = to_hex(certificate);
  if (auto written = write_small_file(file_, stored.dump(), 0600); !written) return written.error();
  state_ = std::make_shared<const state>(version, std::move(net.value), certificates, text);
  return state_;
}

outcome<bytes> sign_for(const applied_network::state& applied, const std::string& node,
                        const identity& manager, std::size_t most) {
  auto self = applied.compile(node);
  return sign_definition({self.network, node, applied.version, json_of(self).dump()}, manager, most);
}

} // namespace hublink
