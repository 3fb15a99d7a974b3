#include "node/definition/definition_keeper.hpp"
#include "node/base/fault_point.hpp"
#include "node/base/small_file.hpp"
#include "node/definition/definition_json_reader.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {

/// Beside the definition there are a signature and a certificate.
constexpr std::size_t longest_file = longest_definition + (64 << 10);

constexpr std::chrono::hours clock_slack{24}; // a manager's clock may be ahead

outcome<> write_definition(const std::filesystem::path& path, byte_view from) {
  return write_small_file(path, std::string{as_text(from)}, 0600, "before-replace");
}

std::filesystem::path own_file(const std::filesystem::path& data) { return data / "definition.signed"; }
std::filesystem::path kept_folder(const std::filesystem::path& data) { return data / "definitions"; }
std::filesystem::path kept_file(const std::filesystem::path& data, const std::string& node) {
  return kept_folder(data) / (node + ".signed");
}

failure older(const std::string& node, std::uint64_t has, std::uint64_t comes) {
  return {errc::superseded, node,
          "version " + std::to_string(comes) + " of the definition is older than " + std::to_string(has) +
              ", which is there"};
}

failure forked(const std::string& node, std::uint64_t version) {
  return {errc::replayed, node, "another definition of version " + std::to_string(version) + " is there"};
}

bytes to_bytes(std::string_view text) {
  auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

} // namespace

outcome<std::optional<stored_definition>> load_definition(const std::filesystem::path& data,
                                                          const std::string& node, const trust& ca,
                                                          const known_newest& known) {
  auto path = own_file(data);
  auto text = read_small_file(path, longest_file);
  if (!text && text.error().code == errc::file_missing) return std::optional<stored_definition>{};
  if (!text) return failure{errc::bad_config, {}, text.error().text};
  auto damaged = [&](const std::string& what) {
    return failure{errc::bad_config, {}, path.string() + ": " + what + "; remove it, and apply once more"};
  };
  // What this node took counts on, also when the manager who signed it was revoked since: till the next
  // apply.
  auto genuine = known.has_taken(as_bytes(*text)) ? read_definition(as_bytes(*text), ca)
                                                  : verify_stored_definition(as_bytes(*text), ca);
  if (!genuine) return damaged(genuine.error().text);
  const auto& record = genuine->record;
  if (record.node != node) return damaged("it is of " + record.node + ", not of " + node);
  if (record.version < known.version())
    return damaged("it is version " + std::to_string(record.version) + ", this node had version " +
                   std::to_string(known.version()));
  auto self = read_definition_json(record.content, record.network, record.node);
  if (!self) return damaged(self.error().text);
  return std::optional{stored_definition{std::make_shared<const definition>(std::move(*self)), record.version,
                                         to_bytes(*text)}};
}

definition_keeper::definition_keeper(live_definition self, std::filesystem::path data,
                                     std::shared_ptr<const trust> ca, known_newest& known, event_log& events,
                                     clock wall_clock)
    : self_(std::move(self)), data_(std::move(data)), ca_(std::move(ca)), known_(known), events_(events),
      wall_clock_(std::move(wall_clock)) {}

outcome<> definition_keeper::open() {
  auto own = load_definition(data_, self_->node, *ca_, known_);
  if (!own) return own.error();
  if (*own) {
    version_ = (*own)->version;
    content_ = read_definition((*own)->as_signed, *ca_)->record.content;
  }
  std::error_code problem;
  for (std::filesystem::directory_iterator entry{kept_folder(data_), problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    if (entry->path().extension() != ".signed") continue;
    auto text = read_small_file(entry->path(), longest_file);
    auto genuine =
        text ? verify_stored_definition(as_bytes(*text), *ca_) : outcome<signed_definition>{text.error()};
    auto node = entry->path().stem().string();
    // One that was altered here is handed on as it is: the client judges, and says so.
    if (text && is_served(node))
      kept_[node] = {genuine ? genuine->record.version : 0, to_bytes(*text), false, {}};
  }
  return {};
}

std::uint64_t definition_keeper::version() const {
  std::lock_guard guard{lock_};
  return version_;
}

bool definition_keeper::is_served(const std::string& node) const {
  auto self = self_.now();
  return self->find_client(node) || self->find_neighbour(node);
}

outcome<signed_definition> definition_keeper::verify(byte_view from) const {
  auto genuine = verify_definition(from, *ca_, wall_clock_());
  if (!genuine) return genuine;
  if (!self_->network.empty() && genuine->record.network != self_->network)
    return failure{errc::not_authorised, self_->node,
                   "the definition is for the network " + genuine->record.network + ", this is " +
                       self_->network};
  // Versions are times: one from far ahead would shut out all that come after it.
  auto latest =
      std::chrono::duration_cast<std::chrono::milliseconds>((wall_clock_() + clock_slack).time_since_epoch());
  if (genuine->record.version > std::uint64_t(latest.count()))
    return failure{
        errc::not_authorised, self_->node,
        "version " + std::to_string(genuine->record.version) +
            " of the definition is more than a day ahead: set the clock of its manager, or this one; " +
            clock_text(wall_clock_())};
  return genuine;
}

outcome<definition_ptr> definition_keeper::judge(const signed_definition& from) const {
  const auto& record = from.record;
  auto before = self_.now();
  if (record.node != before->node)
    return failure{errc::not_authorised, before->node,
                   "the definition is of " + record.node + ", not of " + before->node};
  auto made = read_definition_json(record.content, record.network, record.node);
  if (!made) return failure{made.error().code, before->node, made.error().text};
  if (made->role != before->role)
    return failure{errc::bad_config, before->node,
                   before->node + " is a " + std::string{to_string(before->role)} +
                       " by its certificate; the definition calls it a " +
                       std::string{to_string(made->role)}};
  return std::make_shared<const definition>(std::move(*made));
}

outcome<std::uint64_t> definition_keeper::take(byte_view from, const std::string& by,
                                               const std::function<void(definition_ptr)>& put_in_force) {
  auto before = version();
  auto stored = store_own(from, put_in_force);
  if (stored && *stored == before) return stored;
  event::definition what{stored ? *stored : 0, by, {}};
  if (!stored) {
    what.reason = to_string(stored.error());
    spdlog::warn("a definition from {} was refused: {}", by, *what.reason);
  } else {
    spdlog::info("definition {} from {} is in force", *stored, by);
  }
  events_.write({}, what);
  return stored;
}

outcome<std::uint64_t> definition_keeper::store_own(byte_view from,
                                                    const std::function<void(definition_ptr)>& put_in_force) {
  auto genuine = verify(from);
  if (!genuine) return genuine.error();
  auto next = judge(*genuine);
  if (!next) return next.error();
  const auto& record = genuine->record;
  std::lock_guard guard{lock_};
  if (record.version < version_) return older(record.node, version_, record.version);
  if (record.version == version_ && record.content != content_) return forked(record.node, version_);
  if (record.version == version_) return version_;
  if (auto may = known_.admits(record.version, version_); !may) return may.error();
  fault_point::reach("before-definition");
  if (auto written = write_definition(own_file(data_), from); !written) return written.error();
  known_.note_taken(record.version, from);
  fault_point::reach("after-definition");
  version_ = record.version;
  content_ = record.content;
  put_in_force(*next);
  return version_;
}

outcome<> definition_keeper::keep(byte_view from) {
  auto genuine = verify(from);
  if (!genuine) return genuine.error();
  const auto& record = genuine->record;
  if (!is_served(record.node))
    return {errc::not_registered, record.node + " is neither a client nor a neighbour of " + self_->node};
  std::lock_guard guard{lock_};
  drop_strangers();
  auto& entry = kept_[record.node];
  if (record.version < entry.version) return older(record.node, entry.version, record.version);
  if (record.version == entry.version) return {};
  std::error_code problem;
  std::filesystem::create_directories(kept_folder(data_), problem);
  if (auto written = write_definition(kept_file(data_, record.node), from); !written) return written;
  entry = {record.version, {from.begin(), from.end()}, false, {}};
  return {};
}

void definition_keeper::drop_strangers() {
  std::error_code ignored;
  std::erase_if(kept_, [&](const auto& entry) {
    if (is_served(entry.first)) return false;
    std::filesystem::remove(kept_file(data_, entry.first), ignored);
    return true;
  });
}

std::optional<kept_definition> definition_keeper::kept_for(const std::string& node) const {
  std::lock_guard guard{lock_};
  auto found = kept_.find(node);
  if (found == kept_.end() || found->second.as_signed.empty()) return {};
  return found->second;
}

std::map<std::string, kept_definition> definition_keeper::kept() const {
  std::lock_guard guard{lock_};
  return kept_;
}

void definition_keeper::hand_on_again() {
  std::lock_guard guard{lock_};
  for (auto& [node, entry] : kept_) entry.handed_on = false;
}

void definition_keeper::handed_on(const std::string& node, std::uint64_t version,
                                  const std::optional<failure>& why_not) {
  std::lock_guard guard{lock_};
  auto found = kept_.find(node);
  if (found == kept_.end() || found->second.version != version) return;
  found->second.handed_on = !why_not;
  found->second.reason = why_not;
}

} // namespace hublink
