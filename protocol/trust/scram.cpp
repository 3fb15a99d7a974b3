#include "protocol/trust/scram.hpp"
#include "protocol/base/base64.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

namespace hublink::scram {

namespace {

/// Channel-bound, or not at all.
constexpr std::string_view binding_header = "p=tls-exporter,,";
constexpr std::size_t most_text = 1024, least_nonce = 16, most_nonce = 128, most_user = 64;

const unsigned char* octets(byte_view data) { return reinterpret_cast<const unsigned char*>(data.data()); }

key keyed_hash(byte_view with, std::string_view text) {
  key made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), with.data(), int(with.size()), octets(as_bytes(text)), text.size(),
       reinterpret_cast<unsigned char*>(made.data()), &size);
  return made;
}

key hash_of(const key& of) {
  key made{};
  SHA256(octets(of), of.size(), reinterpret_cast<unsigned char*>(made.data()));
  return made;
}

key both(const key& one, const key& other) {
  key made{};
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = one[i] ^ other[i];
  return made;
}

bool same(byte_view one, byte_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

template <std::size_t size>
std::optional<std::array<std::byte, size>> exactly(const std::optional<bytes>& data) {
  if (!data || data->size() != size) return {};
  std::array<std::byte, size> made;
  std::copy(data->begin(), data->end(), made.begin());
  return made;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// Takes `NAME=value` off the front, and the comma behind it.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || text.substr(name.size(), 1) != "=") return {};
  text.remove_prefix(name.size() + 1);
  auto value = text.substr(0, text.find(','));
  text.remove_prefix(std::min(value.size() + 1, text.size()));
  return value;
}

bool is_nonce(std::string_view text) {
  return text.size() >= least_nonce && text.size() <= 2 * most_nonce &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter > ' ' && letter <= '~' && letter != ','; });
}

std::string bare(std::string_view user, std::string_view nonce) {
  return "n=" + std::string{user} + ",r=" + std::string{nonce};
}

/// What a client's last text says before its proof.
std::string without_proof(const key& binding, std::string_view nonces) {
  bytes bound(as_bytes(binding_header).begin(), as_bytes(binding_header).end());
  bound.insert(bound.end(), binding.begin(), binding.end());
  return "c=" + to_base64(bound) + ",r=" + std::string{nonces};
}

std::string server_text(const recipe& how, std::string_view nonces) {
  return "r=" + std::string{nonces} + ",s=" + to_base64(how.salt) + ",i=" + std::to_string(how.cost.passes) +
         ",m=" + std::to_string(how.cost.memory_kib);
}

failure malformed(std::string_view what) {
  return {errc::bad_message, {}, "a login's text that can't be read: " + std::string{what}};
}

} // namespace

verifier make_verifier(const recipe& how, const key& salted_password) {
  auto of_client = keyed_hash(salted_password, "Client Key");
  verifier made{how, hash_of(of_client), keyed_hash(salted_password, "Server Key")};
  OPENSSL_cleanse(of_client.data(), of_client.size());
  return made;
}

std::optional<verifier> verifier_of_hash(std::string_view text) {
  constexpr std::string_view begins = "$argon2id$v=19$";
  if (!text.starts_with(begins)) return {};
  text.remove_prefix(begins.size());
  auto numbers = text.substr(0, text.find('$'));
  text.remove_prefix(std::min(numbers.size() + 1, text.size()));
  auto salt_text = text.substr(0, text.find('$'));
  text.remove_prefix(std::min(salt_text.size() + 1, text.size()));
  auto memory = take(numbers, "m"), passes = take(numbers, "t"), lanes = take(numbers, "p");
  if (!memory || !passes || lanes != "1" || !numbers.empty()) return {};
  auto kib = number(*memory), times = number(*passes);
  auto salt = exactly<16>(from_base64(salt_text, padding::without));
  auto salted = exactly<32>(from_base64(text, padding::without));
  if (!kib || !times || !salt || !salted) return {};
  return make_verifier({*salt, {*times, *kib}}, *salted);
}

// -- the asking side

std::string client::first_bare() const { return bare(user_, nonce_); }
std::string client::first() const { return std::string{binding_header} + first_bare(); }

outcome<recipe> client::read_first(std::string_view server_first) {
  if (server_first.size() > most_text) return malformed("too long");
  auto rest = server_first;
  auto nonces = take(rest, "r"), salt_text = take(rest, "s"), passes = take(rest, "i"),
       memory = take(rest, "m");
  if (!nonces || !salt_text || !passes || !memory || !rest.empty())
    return malformed("a server says nonce, salt and costs first");
  if (!is_nonce(*nonces) || !nonces->starts_with(nonce_) || nonces->size() < nonce_.size() + least_nonce)
    return malformed("the nonce is not this login's");
  auto salt = exactly<16>(from_base64(*salt_text));
  auto times = number(*passes), kib = number(*memory);
  if (!salt || !times || !kib) return malformed("salt or costs");
  if (*times < least_cost.passes || *times > most_cost.passes || *kib < least_cost.memory_kib ||
      *kib > most_cost.memory_kib)
    return failure{errc::bad_message,
                   {},
                   "it wants the password made into a key by " + std::to_string(*times) + " passes over " +
                       std::to_string(*kib) + " KiB; this node does that by " +
                       std::to_string(least_cost.passes) + " to " + std::to_string(most_cost.passes) +
                       " passes over " + std::to_string(least_cost.memory_kib) + " to " +
                       std::to_string(most_cost.memory_kib) + " KiB alone"};
  server_first_ = server_first;
  both_nonces_ = *nonces;
  return recipe{*salt, {*times, *kib}};
}

std::string client::final(const key& salted_password) {
  auto final_bare = without_proof(binding_, both_nonces_);
  auto about = first_bare() + "," + server_first_ + "," + final_bare;
  auto of_client = keyed_hash(salted_password, "Client Key");
  auto proof = both(of_client, keyed_hash(hash_of(of_client), about));
  expected_ = keyed_hash(keyed_hash(salted_password, "Server Key"), about);
  OPENSSL_cleanse(of_client.data(), of_client.size());
  return final_bare + ",p=" + to_base64(proof);
}

outcome<> client::check(std::string_view server_final) const {
  auto signature = take(server_final, "v");
  auto proved = signature ? from_base64(*signature) : std::nullopt;
  if (proved && server_final.empty() && !server_first_.empty() && same(*proved, expected_)) return {};
  return {errc::not_authenticated, "it does not prove that it has the account of " + user_ +
                                       ": it is not the server that the password was given to"};
}

// -- the answering side

outcome<greeting> greeting::read(std::string_view client_first) {
  if (client_first.size() > most_text) return malformed("too long");
  if (!client_first.starts_with(binding_header))
    return malformed("it is not bound to its link (tls-exporter)");
  client_first.remove_prefix(binding_header.size());
  auto user = take(client_first, "n"), nonce = take(client_first, "r");
  bool fits = user && !user->empty() && user->size() <= most_user &&
              user->find('=') == std::string_view::npos && nonce && nonce->size() <= most_nonce &&
              is_nonce(*nonce) && client_first.empty();
  if (!fits) return malformed("a client says user and nonce first");
  return greeting{std::string{*user}, std::string{*nonce}};
}

server::server(greeting from, const verifier& keys, const std::string& nonce, key binding)
    : from_(std::move(from)), keys_(keys), nonces_(from_.nonce + nonce), binding_(binding) {}

std::string server::first() const { return server_text(keys_.recipe, nonces_); }

std::optional<std::string> server::prove(std::string_view client_final) const {
  auto final_bare = without_proof(binding_, nonces_);
  if (client_final.size() > most_text || !client_final.starts_with(final_bare + ",p=")) return {};
  auto proof = exactly<32>(from_base64(client_final.substr(final_bare.size() + 3)));
  if (!proof) return {};
  auto about = bare(from_.user, from_.nonce) + "," + first() + "," + final_bare;
  auto of_client = both(*proof, keyed_hash(keys_.stored, about));
  bool knows = same(hash_of(of_client), keys_.stored);
  OPENSSL_cleanse(of_client.data(), of_client.size());
  if (!knows) return {};
  return "v=" + to_base64(keyed_hash(keys_.server, about));
}

} // namespace hublink::scram
