#include "protocol/definition/manager_word.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/statement.hpp"

#include <tuple>

namespace hublink {
namespace {

constexpr std::chrono::hours word_clock_slack{24};

std::int64_t unix_ms_of(trust::clock_time when) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

outcome<manager_word> decode_word(byte_view body) {
  auto map = cbor::parse_map(body);
  if (!map) return {errc::bad_message, "a manager's word that is no CBOR map within bounds"};
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  cbor::fields from(*map);
  manager_word word;
  word.network = from.name("network");
  word.version = from.number("version", 0, most);
  word.list = static_cast<std::int64_t>(from.number("list", 0, most));
  word.time_ms = static_cast<std::int64_t>(from.number("time_ms", 0, most));
  if (!from.problem().empty()) return {errc::bad_message, "a manager's word: " + from.problem()};
  return word;
}

outcome<> by_manager(const outcome<trust::holder>& who) {
  if (!who) return who.error();
  if (who->role == role::manager) return {};
  return {errc::not_authorised, "the word on what is newest is signed by the " +
                                    std::string{to_string(who->role)} + " " + who->name +
                                    "; only a manager's counts"};
}

outcome<statement> read_word(byte_view from, const trust& ca) {
  auto signed_word = read_statement(record_type::word, answers_nothing, from);
  if (!signed_word) return signed_word;
  if (auto genuine = verify(*signed_word, signed_word->certificate, ca); !genuine)
    return {errc::tampered, "the word on what is newest is not what a manager signed"};
  return signed_word;
}

} // namespace

bool is_newer(const manager_word& one, const manager_word& other) {
  return std::tie(one.version, one.list, one.time_ms) > std::tie(other.version, other.list, other.time_ms);
}

bytes sign_word(const manager_word& word, const identity& manager) {
  auto body = cbor::to_bytes({{"network", word.network},
                              {"version", word.version},
                              {"list", static_cast<std::uint64_t>(word.list)},
                              {"time_ms", static_cast<std::uint64_t>(word.time_ms)}});
  return encode(make_statement(record_type::word, answers_nothing, std::move(body), manager, true));
}

outcome<manager_word> verify_word(byte_view from, const trust& ca, trust::clock_time now) {
  auto signed_word = read_word(from, ca);
  if (!signed_word) return signed_word.error();
  if (auto fine = by_manager(ca.check(signed_word->certificate, now)); !fine) return fine.error();
  auto word = decode_word(signed_word->body);
  if (!word) return word;
  auto latest = unix_ms_of(now + word_clock_slack);
  if (word->time_ms <= latest && word->version <= static_cast<std::uint64_t>(latest)) return word;
  return {errc::not_authorised, "a manager's word from the future: set the clocks; " + clock_text(now)};
}

outcome<manager_word> verify_kept_word(byte_view from, const trust& ca) {
  auto signed_word = read_word(from, ca);
  if (!signed_word) return signed_word.error();
  if (auto fine = by_manager(ca.check_signer(signed_word->certificate)); !fine) return fine.error();
  return decode_word(signed_word->body);
}

outcome<> is_new_enough(std::uint64_t version, const definition_facts& known, trust::clock_time now) {
  auto number = std::to_string(version);
  if (version < known.had)
    return {errc::superseded, "version " + number + " of the definition is older than " +
                                  std::to_string(known.had) + ", which this node had"};
  const auto& word = known.word;
  if (word && version < word->version)
    return {errc::superseded, "version " + number + " of the definition is older than " +
                                  std::to_string(word->version) + ", which a manager calls the newest"};
  if (word && known.list < word->list)
    return {errc::superseded, "the list of revoked certificates is number " + std::to_string(known.list) +
                                  "; a manager calls " + std::to_string(word->list) + " the newest"};
  if (known.in_force > 0) return {};
  auto oldest = unix_ms_of(now - longest_word);
  if (word && word->time_ms >= oldest) return {};
  return {errc::not_authorised,
          "no manager has said in the last 24 hours that this definition is the newest; log in at one; " +
              clock_text(now)};
}

} // namespace hublink
