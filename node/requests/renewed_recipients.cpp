#include "node/requests/renewed_recipients.hpp"
#include "node/base/small_file.hpp"
#include "node/requests/catching_up.hpp"
#include "node/trust/keys.hpp"
#include "protocol/circuit/statement.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace hublink {

namespace {

constexpr std::chrono::seconds between_bringings{4};

} // namespace

renewed_recipients::renewed_recipients(caf::actor_system& system, control_services services)
    : system_(system), services_(std::move(services)) {
  catch_up();
}

void renewed_recipients::catch_up() {
  auto applied = services_.definitions->applied->now();
  if (!applied) return;
  for (const auto& [name, certificate] : applied->certificates) {
    auto issued = read_certificates(issued_to(services_.data, name));
    if (!issued || !issued->contains(name)) continue;
    const auto& newest = issued->at(name);
    if (begin_of_validity(certificate) < begin_of_validity(newest)) renewed_.emplace(name, newest);
  }
}

void renewed_recipients::note(const std::string& node, const std::string& certificate) {
  auto applied = services_.definitions->applied->now();
  if (!applied || !applied->certificates.contains(node)) return;
  auto found = read_certificates(certificate);
  if (found && found->contains(node)) renewed_.insert_or_assign(node, found->at(node));
}

void renewed_recipients::look_at_own_certificate() {
  auto self = services_.definitions->id.now();
  auto own = self->certificate();
  if (std::ranges::equal(own, own_certificate_)) return;
  own_certificate_.assign(own.begin(), own.end());
  auto text = read_small_file(services_.data / "definition.signed", longest_definition);
  auto signed_one =
      text ? read_statement(record_type::definition, answers_nothing, as_bytes(*text), longest_definition)
           : outcome<statement>{text.error()};
  if (signed_one && newest_applied() && signed_one->certificate != own_certificate_) signs_anew_ = true;
}

/// What this manager applied, unless another one has applied since: his network is not to be undone.
std::shared_ptr<const applied_network::state> renewed_recipients::newest_applied() const {
  const auto& definitions = *services_.definitions;
  auto state = definitions.applied->now();
  auto word = definitions.known.word();
  auto newest = std::max(definitions.keeper.version(), word ? word->version : 0);
  return state && newest <= state->version ? state : nullptr;
}

void renewed_recipients::bring(const std::vector<session_row>& rows, clock_time now) {
  if ((renewed_.empty() && !signs_anew_) || (brought_ && now - *brought_ < between_bringings)) return;
  brought_ = now;
  if (auto state = newest_applied()) {
    auto all = state->certificates;
    for (const auto& [name, certificate] : renewed_) all[name] = certificate;
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(
        services_.definitions->wall_clock().time_since_epoch());
    auto put = services_.definitions->applied->put(state->text, all, time.count());
    if (!put) {
      spdlog::warn("renewed certificates can't be brought to who seals for them: {}", to_string(put.error()));
      return;
    }
    std::set<std::string> users;
    for (const auto& row : rows)
      if (row.state == session_standing::in) users.insert(row.user);
    for (const auto& user : users) bring_up_to_date(system_, services_, user);
  }
  renewed_.clear();
  signs_anew_ = false;
}

} // namespace hublink
