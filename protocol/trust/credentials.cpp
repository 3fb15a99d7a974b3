#include "protocol/base/utf8.hpp"
#include "protocol/trust/certificate_cache.hpp"
#include "protocol/trust/envelope.hpp"
#include "protocol/trust/openssl.hpp"

#include <array>
#include <ctime>
#include <mutex>
#include <utility>

namespace hublink {
namespace {

using namespace openssl;

/// A subject's only entry of that kind: printable, not empty, no longer than X.520 allows (64); else nothing.
std::optional<std::string> only_entry(const X509* certificate, int nid) {
  auto subject = X509_get_subject_name(certificate);
  auto index = X509_NAME_get_index_by_NID(subject, nid, -1);
  if (index < 0 || X509_NAME_get_index_by_NID(subject, nid, index) >= 0) return {};
  unsigned char* text = nullptr;
  auto size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  ERR_clear_error();
  if (size < 0) return {};
  std::string entry(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  if (entry.empty() || entry.size() > 64 || !is_printable(entry)) return {};
  return entry;
}

outcome<trust::holder> read_holder(const X509* certificate) {
  auto name = only_entry(certificate, NID_commonName);
  if (!name) return {errc::not_authorised, "a certificate without one common name"};
  auto unit = only_entry(certificate, NID_organizationalUnitName);
  auto role = unit ? role_from_string(*unit) : std::nullopt;
  if (!role) return {errc::not_authorised, "the certificate of " + *name + " names no role in its OU"};
  return trust::holder{*name, *role};
}

bool is_p256(const X509* certificate) {
  std::array<char, 32> group{};
  std::size_t size = 0;
  auto key = X509_get0_pubkey(certificate);
  bool named = key && EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1;
  ERR_clear_error();
  return named && std::string_view{group.data(), size} == SN_X9_62_prime256v1;
}

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable time";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string explain(int error, int depth, X509* certificate) {
  auto whose = depth > 0 ? std::string{"the network's CA certificate"} : std::string{"its certificate"};
  switch (error) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return whose + " expired at " + day(X509_get0_notAfter(certificate));
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return whose + " is not valid before " + day(X509_get0_notBefore(certificate));
  case X509_V_ERR_CERT_REVOKED:
    return "its certificate was revoked";
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    return "its certificate is not of this network's CA";
  default:
    return "its certificate is not valid: " + std::string{X509_verify_cert_error_string(error)};
  }
}

/// A list out of its time still counts as a list: better an old one than none, and a wrong clock must not
/// open doors.
int accept_old_list(int ok, X509_STORE_CTX* context) {
  auto error = X509_STORE_CTX_get_error(context);
  return ok || error == X509_V_ERR_CRL_HAS_EXPIRED || error == X509_V_ERR_CRL_NOT_YET_VALID;
}

using store = owner<X509_STORE, X509_STORE_free>;
using store_context = owner<X509_STORE_CTX, X509_STORE_CTX_free>;

/// CA and list as they are at a time, and what was found good by them.
struct authority_state {
  store known;
  std::int64_t list_number = 0;
  certificate_cache checked;
};

outcome<revocation_list> read_list(X509* ca, std::string_view pem) {
  revocation_list crl{from_pem<PEM_read_bio_X509_CRL>(pem)};
  if (!crl) return {errc::bad_config, "the revocation list is not PEM"};
  if (X509_CRL_verify(crl.get(), X509_get0_pubkey(ca)) == 1) return crl;
  ERR_clear_error();
  return {errc::tampered, "the revocation list is not signed by this CA"};
}

outcome<std::shared_ptr<authority_state>> make_state(X509* ca, X509_CRL* crl) {
  auto made = std::make_shared<authority_state>();
  made->known.reset(X509_STORE_new());
  if (X509_STORE_add_cert(made->known.get(), ca) != 1 || X509_STORE_add_crl(made->known.get(), crl) != 1)
    return {errc::bad_config, "the CA can't be used: " + take_reason()};
  asn1_integer number{
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
  made->list_number = number ? ASN1_INTEGER_get(number.get()) : 0;
  return made;
}

class ca_trust final : public trust {
 public:
  ca_trust(std::shared_ptr<authority_state> first, x509_certificate ca)
      : state_(std::move(first)), ca_(std::move(ca)) {}

  outcome<bool> renew(std::string_view crl_pem) override {
    auto crl = read_list(ca_.get(), crl_pem);
    if (!crl) return crl.error();
    auto next = make_state(ca_.get(), crl->get());
    if (!next) return next.error();
    std::lock_guard guard{lock_};
    if ((*next)->list_number <= state_->list_number) return false;
    state_ = std::move(*next);
    return true;
  }

  std::int64_t list_number() const override { return now_known()->list_number; }

  outcome<holder> check(byte_view certificate, clock_time now) const override {
    auto state = now_known();
    if (auto checked = state->checked.find(certificate);
        checked && now >= checked->from && now < checked->who.until)
      return checked->who;
    auto leaf = certificate_from_der(certificate);
    if (!leaf) return {errc::not_authorised, "a certificate that can't be read"};
    auto found = read_holder(leaf.get());
    if (!found) return found;
    auto problem = problem_of(*state, leaf.get(), now);
    if (!problem.empty()) return {errc::not_authorised, found->name + ": " + problem};
    auto from = limits_of(leaf.get(), *found);
    if (!from) return {errc::not_authorised, found->name + ": a certificate whose time can't be read"};
    state->checked.keep(certificate, std::make_shared<const certificate_cache::known>(
                                         certificate_cache::known{std::move(leaf), *found, *from}));
    return found;
  }

  outcome<holder> check_signer(byte_view certificate) const override {
    auto leaf = certificate_from_der(certificate);
    if (!leaf) return {errc::not_authorised, "a certificate that can't be read"};
    auto found = read_holder(leaf.get());
    if (!found) return found;
    auto problem = problem_of(*now_known(), leaf.get(), {});
    if (!problem.empty()) return {errc::not_authorised, found->name + ": " + problem};
    return found;
  }

  bool verify(byte_view certificate, byte_view data, byte_view signature) const override {
    auto checked = now_known()->checked.find(certificate);
    auto fresh = checked ? x509_certificate{} : certificate_from_der(certificate);
    auto leaf = checked ? checked->leaf.get() : fresh.get();
    digest_context context{EVP_MD_CTX_new()};
    bool valid =
        leaf &&
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(leaf)) == 1 &&
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(data), data.size()) == 1;
    ERR_clear_error();
    return valid;
  }

  outcome<bytes> seal(byte_view secret, byte_view certificate) const override {
    auto checked = now_known()->checked.find(certificate);
    return checked ? seal_envelope(secret, checked->leaf.get()) : seal_envelope(secret, certificate);
  }

 private:
  std::shared_ptr<authority_state> now_known() const {
    std::lock_guard guard{lock_};
    return state_;
  }

  /// From when on the certificate is valid; until when goes to `who`. With the same list only time can make a
  /// good certificate bad.
  std::optional<clock_time> limits_of(X509* leaf, holder& who) const {
    auto from = time_of(X509_get0_notBefore(leaf)), ca_from = time_of(X509_get0_notBefore(ca_.get()));
    auto until = time_of(X509_get0_notAfter(leaf)), ca_until = time_of(X509_get0_notAfter(ca_.get()));
    if (!from || !ca_from || !until || !ca_until) return {};
    who.until = std::min(*until, *ca_until);
    return std::max(*from, *ca_from);
  }

  /// Empty if all is well. Without a time its validity is not looked at.
  static std::string problem_of(const authority_state& state, X509* leaf, std::optional<clock_time> now) {
    store_context context{X509_STORE_CTX_new()};
    if (!context || X509_STORE_CTX_init(context.get(), state.known.get(), leaf, nullptr) != 1)
      return take_reason();
    auto rules = X509_STORE_CTX_get0_param(context.get());
    if (now) X509_VERIFY_PARAM_set_time(rules, clock_time::clock::to_time_t(*now));
    X509_VERIFY_PARAM_set_depth(rules, 0);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK | (now ? 0 : X509_V_FLAG_NO_CHECK_TIME));
    X509_STORE_CTX_set_verify_cb(context.get(), accept_old_list);
    bool valid = X509_verify_cert(context.get()) == 1;
    auto error = X509_STORE_CTX_get_error(context.get());
    auto depth = X509_STORE_CTX_get_error_depth(context.get());
    auto culprit = X509_STORE_CTX_get_current_cert(context.get());
    ERR_clear_error();
    if (!valid) return explain(error, depth, culprit ? culprit : leaf);
    if (X509_check_ca(leaf) != 0) return "its certificate is one of a CA, not of a node";
    if (!is_p256(leaf)) return "its certificate has no P-256 key";
    return {};
  }

  mutable std::mutex lock_;
  std::shared_ptr<authority_state> state_;
  x509_certificate ca_;
};

class pem_identity final : public identity {
 public:
  pem_identity(x509_certificate own, private_key key, trust::holder who)
      : own_(std::move(own)), key_(std::move(key)), der_(to_der<i2d_X509>(own_.get())), who_(std::move(who)) {
  }

  const std::string& name() const override { return who_.name; }
  hublink::role role() const override { return who_.role; }
  byte_view certificate() const override { return der_; }

  bytes sign(byte_view data) const override {
    digest_context context{EVP_MD_CTX_new()};
    bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    auto size = signature.size();
    bool made = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
                EVP_DigestSign(context.get(), raw_out(signature), &size, raw(data), data.size()) == 1;
    ERR_clear_error();
    signature.resize(made ? size : 0); // an empty one fails at the peer
    return signature;
  }

  outcome<bytes> open_envelope(byte_view envelope) const override {
    return hublink::open_envelope(envelope, own_.get(), key_.get());
  }

 private:
  x509_certificate own_;
  private_key key_;
  bytes der_;
  trust::holder who_;
};

} // namespace

outcome<std::shared_ptr<trust>> trust::make(std::string_view ca_pem, std::string_view crl_pem) {
  x509_certificate ca{from_pem<PEM_read_bio_X509>(ca_pem)};
  if (!ca) return {errc::bad_config, "the CA certificate is not PEM"};
  if (X509_check_ca(ca.get()) != 1) return {errc::bad_config, "the CA certificate is not one of a CA"};
  auto crl = read_list(ca.get(), crl_pem);
  if (!crl) return {errc::bad_config, crl.error().text};
  auto first = make_state(ca.get(), crl->get());
  if (!first) return first.error();
  return std::shared_ptr<trust>{std::make_shared<ca_trust>(std::move(*first), std::move(ca))};
}

outcome<std::map<std::string, bytes>> read_certificates(std::string_view pem) {
  std::map<std::string, bytes> all;
  auto input = reader(as_bytes(pem));
  while (BIO_ctrl_pending(input.get()) > 0) {
    x509_certificate next{PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (!next) return {errc::bad_config, "certificate " + std::to_string(all.size() + 1) + " can't be read"};
    auto who = read_holder(next.get());
    if (!who) return {errc::bad_config, who.error().text};
    all[who->name] = to_der<i2d_X509>(next.get());
  }
  return all;
}

outcome<std::shared_ptr<const identity>> identity::make(std::string_view cert_pem, std::string_view key_pem) {
  x509_certificate own{from_pem<PEM_read_bio_X509>(cert_pem)};
  if (!own) return {errc::bad_config, "the certificate is not PEM"};
  private_key key{from_pem<PEM_read_bio_PrivateKey>(key_pem)};
  if (!key) return {errc::bad_config, "the private key is not PEM without a passphrase"};
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    ERR_clear_error();
    return {errc::bad_config, "the private key does not belong to the certificate"};
  }
  if (!is_p256(own.get())) return {errc::bad_config, "the certificate has no P-256 key"};
  auto who = read_holder(own.get());
  if (!who) return {errc::bad_config, who.error().text};
  return std::shared_ptr<const identity>{
      std::make_shared<pem_identity>(std::move(own), std::move(key), std::move(*who))};
}

} // namespace hublink
