#include "node/definition/known_newest.hpp"
#include "node/base/small_file.hpp"
#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/statement.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t most_known = 64 * 1024, most_digest = 32, longest_kept_word = 8 * 1024;

const std::string after_new_keys = "; remove it if that was you, or this node has got new keys";

bytes digest_of(byte_view data) {
  auto hash = hash_of(data);
  return {hash.begin(), hash.end()};
}

} // namespace

known_newest::known_newest(const std::filesystem::path& data, live_identity self,
                           std::shared_ptr<const trust> ca, clock wall_clock)
    : file_(data / "known.signed"), self_(std::move(self)), ca_(std::move(ca)),
      wall_clock_(std::move(wall_clock)) {}

outcome<> known_newest::open() {
  auto text = read_small_file(file_, most_known);
  if (!text && text.error().code == errc::file_missing) return {};
  if (!text) return failure{errc::bad_config, {}, text.error().text};
  auto refused = [this](const std::string& what) {
    return failure{errc::bad_config, {}, file_.string() + ": " + what};
  };
  auto noted = read_statement(record_type::known, answers_nothing, as_bytes(*text));
  if (!noted || !verify(*noted, noted->certificate, *ca_))
    return refused("it is damaged, or somebody changed it" + after_new_keys);
  auto who = ca_->check_signer(noted->certificate);
  if (!who) return refused("it was signed by one who does not count: " + who.error().text + after_new_keys);
  if (who->name != self_->name() || who->role != self_->role())
    return refused("it is of " + who->name + after_new_keys);
  auto map = cbor::parse_map(noted->body);
  if (!map) return refused("it is damaged" + after_new_keys);
  cbor::fields from(*map);
  constexpr std::uint64_t most_number = std::numeric_limits<std::int64_t>::max();
  std::lock_guard guard{lock_};
  version_ = from.number("version", 0, most_number);
  list_ = static_cast<std::int64_t>(from.number("list", 0, most_number));
  digest_ = from.binary("digest", most_digest);
  word_ = from.binary("word", longest_kept_word);
  if (!from.problem().empty()) return refused("it is damaged" + after_new_keys);
  if (list_ <= ca_->list_number()) return {};
  return refused("this node had the list of revoked certificates number " + std::to_string(list_) +
                 ", now it has number " + std::to_string(ca_->list_number()) +
                 "; put the newest crl.pem into its key folder");
}

std::uint64_t known_newest::version() const {
  std::lock_guard guard{lock_};
  return version_;
}

bool known_newest::has_taken(byte_view definition) const {
  auto digest = digest_of(definition);
  std::lock_guard guard{lock_};
  return digest_ == digest;
}

// Of one who was revoked since it counts no more.
std::optional<manager_word> known_newest::word() const {
  auto kept = word_as_signed();
  if (kept.empty()) return {};
  auto found = verify_kept_word(kept, *ca_);
  return found ? std::optional{*found} : std::nullopt;
}

bytes known_newest::word_as_signed() const {
  std::lock_guard guard{lock_};
  return word_;
}

outcome<> known_newest::hear(byte_view word, const std::string& network) {
  auto verified = verify_word(word, *ca_, wall_clock_());
  if (!verified) return verified.error();
  if (!network.empty() && verified->network != network)
    return {errc::not_authorised,
            "a manager's word for the network " + verified->network + ", this is " + network};
  std::lock_guard one_at_a_time{hearing_};
  auto before = this->word();
  if (before && !is_newer(*verified, *before)) return {};
  std::lock_guard guard{lock_};
  word_.assign(word.begin(), word.end());
  write();
  return {};
}

outcome<> known_newest::admits(std::uint64_t version, std::uint64_t in_force) const {
  return is_new_enough(version, {in_force, this->version(), ca_->list_number(), word()}, wall_clock_());
}

void known_newest::note_taken(std::uint64_t version, byte_view definition) {
  std::lock_guard guard{lock_};
  version_ = std::max(version_, version);
  digest_ = digest_of(definition);
  write();
}

void known_newest::note_list(std::int64_t number) {
  std::lock_guard guard{lock_};
  if (number <= list_) return;
  list_ = number;
  write();
}

void known_newest::write() const {
  auto body = cbor::to_bytes({{"version", version_},
                              {"list", static_cast<std::uint64_t>(list_)},
                              {"digest", cbor::to_binary(digest_)},
                              {"word", cbor::to_binary(word_)}});
  auto note =
      encode(make_statement(record_type::known, answers_nothing, std::move(body), *self_.now(), true));
  auto written = write_small_file(file_, std::string{as_text(note)}, 0600);
  if (!written) spdlog::warn("what is newest is not written down: {}", to_string(written.error()));
}

} // namespace hublink
