#include "protocol/base/utf8.hpp"
#include "protocol/trust/certificate_cache.hpp"
#include "protocol/trust/envelope.hpp"
#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"

#include <algorithm>
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

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable time";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

} // namespace

std::optional<trust::clock_time> end_of_validity(std::string_view cert_pem) {
  x509_certificate certificate{from_pem<PEM_read_bio_X509>(cert_pem)};
  ERR_clear_error();
  if (!certificate) return {};
  return time_of(X509_get0_notAfter(certificate.get()));
}

std::optional<trust::clock_time> begin_of_validity(byte_view certificate) {
  auto read = certificate_from_der(certificate);
  if (!read) return {};
  return time_of(X509_get0_notBefore(read.get()));
}

std::optional<trust::clock_time> end_of_validity(byte_view certificate) {
  auto read = certificate_from_der(certificate);
  if (!read) return {};
  return time_of(X509_get0_notAfter(read.get()));
}

std::string clock_text(trust::clock_time now) {
  auto seconds = trust::clock_time::clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(),
          std::strftime(text.data(), text.size(), "this machine's clock says %Y-%m-%dT%H:%M:%SZ", &parts)};
}

namespace {

constexpr auto other_ca = "its certificate is not of this network's CA";

/// Empty if it is valid then.
std::string out_of_time(const X509* certificate, const std::string& whose, trust::clock_time now) {
  auto from = time_of(X509_get0_notBefore(certificate)), until = time_of(X509_get0_notAfter(certificate));
  if (!from || !until) return whose + " has an unreadable time";
  if (now < *from)
    return whose + " is not valid before " + day(X509_get0_notBefore(certificate)) + "; " + clock_text(now);
  if (now >= *until)
    return whose + " expired at " + day(X509_get0_notAfter(certificate)) + "; " + clock_text(now);
  return {};
}

/// With its certificate's key, which must be on the one curve.
struct authority {
  x509_certificate certificate;
  evp_key key;
  network_mark mark{};
};

outcome<authority> read_authority(std::string_view pem) {
  authority ca;
  ca.certificate.reset(from_pem<PEM_read_bio_X509>(pem));
  auto certificate = ca.certificate.get();
  if (!certificate) return {errc::bad_config, "the CA certificate is not PEM"};
  if (X509_check_ca(certificate) != 1) return {errc::bad_config, "the CA certificate is not one of a CA"};
  auto written = p256::point_of(X509_get0_pubkey(certificate));
  if (written) ca.key = p256::public_key(*written);
  if (!ca.key)
    return {errc::bad_config,
            "the CA certificate has no P-256 key; only a CA counts that hublink keys makes"};
  bool binds_more = (X509_get_extension_flags(certificate) & EXFLAG_CRITICAL) != 0 ||
                    X509_get_ext_by_NID(certificate, NID_name_constraints, -1) >= 0;
  if (binds_more)
    return {errc::bad_config, "the CA certificate has constraints; only a CA counts that hublink keys makes"};
  EVP_Digest(written->data(), written->size(), raw_out(ca.mark), nullptr, EVP_sha256(), nullptr);
  return ca;
}

/// The list as it is at a time, and what was found good by it.
struct authority_state {
  revocation_list list;
  std::int64_t list_number = 0;
  certificate_cache checked;
};

/// A list may come from a neighbour: nothing of it is read that this CA has not signed. One out of its time
/// still counts: better an old one than none, and a wrong clock must not open doors.
outcome<std::shared_ptr<authority_state>> read_list(const authority& ca, std::string_view pem) {
  auto der = read_pem_block(pem, PEM_STRING_X509_CRL, max_revocation_list);
  if (!der) return {errc::bad_config, "the revocation list is not PEM"};
  auto form = read_list_form(*der);
  if (!form) return form.error();
  if (!p256::verify(ca.key.get(), form->signed_part, form->signature))
    return {errc::tampered, "the revocation list is not signed by this CA"};
  auto made = std::make_shared<authority_state>();
  auto at = raw(*der);
  made->list.reset(d2i_X509_CRL(nullptr, &at, static_cast<long>(der->size())));
  auto list = made->list.get();
  bool ours = list &&
              X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(ca.certificate.get())) == 0 &&
              (X509_get_key_usage(ca.certificate.get()) & KU_CRL_SIGN) != 0;
  bool whole = ours && X509_CRL_get_ext_by_critical(list, 1, -1) < 0; // no part of one, and no other's
  ERR_clear_error();
  if (!whole) return {errc::bad_config, "the revocation list can't be used with this CA"};
  asn1_integer number{
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr))};
  made->list_number = number ? ASN1_INTEGER_get(number.get()) : 0;
  return made;
}

class ca_trust final : public trust {
 public:
  ca_trust(std::shared_ptr<authority_state> first, authority ca)
      : state_(std::move(first)), ca_(std::move(ca)) {}

  outcome<bool> renew(std::string_view crl_pem) override {
    auto next = read_list(ca_, crl_pem);
    if (!next) return next.error();
    std::lock_guard guard{lock_};
    if ((*next)->list_number <= state_->list_number) return false;
    state_ = std::move(*next);
    return true;
  }

  std::int64_t list_number() const override { return now_known()->list_number; }
  network_mark network() const override { return ca_.mark; }

  outcome<holder> check(byte_view certificate, clock_time now) const override {
    auto state = now_known();
    if (auto checked = state->checked.find(certificate);
        checked && now >= checked->from && now < checked->who.until)
      return checked->who;
    auto read = read_counting(*state, certificate, now);
    if (!read) return read.error();
    auto& [form, leaf, who] = *read;
    auto from = limits_of(leaf.get(), who);
    if (!from) return {errc::not_authorised, who.name + ": a certificate whose time can't be read"};
    remember(*state, certificate, form.key, who, *from);
    return who;
  }

  outcome<holder> check_signer(byte_view certificate) const override {
    auto read = read_counting(*now_known(), certificate, {});
    if (!read) return read.error();
    return read->who;
  }

  bool verify(byte_view certificate, byte_view data, byte_view signature) const override {
    auto holder = key_in(certificate);
    return holder && p256::verify(holder->key.get(), data, signature);
  }

  outcome<bytes> seal(const envelope_secret& secret, byte_view certificate, byte_view info) const override {
    auto holder = key_in(certificate);
    if (!holder) return {errc::bad_message, "the certificate to seal for can't be read"};
    return seal_envelope(secret, {holder->key.get(), holder->written}, info);
  }

 private:
  std::shared_ptr<authority_state> now_known() const {
    std::lock_guard guard{lock_};
    return state_;
  }

  struct counting {
    certificate_form form;
    x509_certificate leaf;
    holder who;
  };
  /// A certificate that counts: form, this CA's signature, and only then all else. Without a time its
  /// validity is not looked at.
  outcome<counting> read_counting(const authority_state& state, byte_view certificate,
                                  std::optional<clock_time> now) const {
    auto form = read_certificate_form(certificate);
    if (!form) return form.error();
    if (!p256::verify(ca_.key.get(), form->signed_part, form->signature))
      return {errc::not_authorised, other_ca};
    auto leaf = certificate_from_der(certificate);
    if (!leaf) return {errc::not_authorised, "a certificate that can't be read"};
    auto found = read_holder(leaf.get());
    if (!found) return found.error();
    auto problem = problem_of(state, leaf.get(), now);
    if (!problem.empty()) return {errc::not_authorised, found->name + ": " + problem};
    return counting{*form, std::move(leaf), std::move(*found)};
  }

  using known_holder = std::shared_ptr<const certificate_cache::known>;

  /// Of a certificate that was checked, or of another: then with nothing but the key. Null if it has none.
  known_holder key_in(byte_view certificate) const {
    if (auto checked = now_known()->checked.find(certificate)) return checked;
    auto form = read_certificate_form(certificate);
    return form ? with_key(form->key) : nullptr;
  }

  /// From when on the certificate is valid; until when goes to `who`.
  std::optional<clock_time> limits_of(X509* leaf, holder& who) const {
    auto ca = ca_.certificate.get();
    auto from = time_of(X509_get0_notBefore(leaf)), ca_from = time_of(X509_get0_notBefore(ca));
    auto until = time_of(X509_get0_notAfter(leaf)), ca_until = time_of(X509_get0_notAfter(ca));
    if (!from || !ca_from || !until || !ca_until) return {};
    who.until = std::min(*until, *ca_until);
    return std::max(*from, *ca_from);
  }

  static std::shared_ptr<certificate_cache::known> with_key(byte_view point) {
    auto made = std::make_shared<certificate_cache::known>();
    made->key = p256::public_key(point);
    if (!made->key) return {};
    std::ranges::copy(point, made->written.begin());
    return made;
  }

  /// With the same list only time can make a good certificate bad.
  static void remember(authority_state& state, byte_view certificate, byte_view point, const holder& who,
                       clock_time from) {
    auto known = with_key(point);
    if (!known) return;
    known->who = who;
    known->from = from;
    state.checked.keep(certificate, std::move(known));
  }

  /// Of a certificate that the CA's key has signed; empty if all is well. Without a time its validity is not
  /// looked at.
  std::string problem_of(const authority_state& state, X509* leaf, std::optional<clock_time> now) const {
    auto ca = ca_.certificate.get();
    bool issued = X509_check_issued(ca, leaf) == X509_V_OK;
    X509_REVOKED* entry = nullptr;
    bool revoked = X509_CRL_get0_by_cert(state.list.get(), &entry, leaf) != 0;
    bool binds_more =
        (X509_get_extension_flags(leaf) & (EXFLAG_CRITICAL | EXFLAG_INVALID | EXFLAG_PROXY)) != 0;
    bool is_ca = X509_check_ca(leaf) != 0;
    ERR_clear_error();
    if (!issued) return other_ca;
    if (revoked) return "its certificate was revoked";
    if (now) {
      if (auto why = out_of_time(ca, "the network's CA certificate", *now); !why.empty()) return why;
      if (auto why = out_of_time(leaf, "its certificate", *now); !why.empty()) return why;
    }
    if (binds_more) return "its certificate has extensions that hublink does not know";
    if (is_ca) return "its certificate is one of a CA, not of a node";
    return {};
  }

  mutable std::mutex lock_;
  std::shared_ptr<authority_state> state_;
  authority ca_;
};

class pem_identity final : public identity {
 public:
  pem_identity(bytes der, const p256::point& written, evp_key key, trust::holder who)
      : der_(std::move(der)), written_(written), key_(std::move(key)), who_(std::move(who)) {}

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

  outcome<envelope_secret> open_envelope(byte_view envelope, byte_view info) const override {
    return hublink::open_envelope(envelope, {key_.get(), written_}, info);
  }

 private:
  bytes der_;
  p256::point written_; ///< the public key
  evp_key key_;
  trust::holder who_;
};

} // namespace

outcome<std::shared_ptr<trust>> trust::make(std::string_view ca_pem, std::string_view crl_pem) {
  auto ca = read_authority(ca_pem);
  if (!ca) return ca.error();
  auto first = read_list(*ca, crl_pem);
  if (!first) return {errc::bad_config, first.error().text};
  return std::shared_ptr<trust>{std::make_shared<ca_trust>(std::move(*first), std::move(*ca))};
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
    auto der = to_der<i2d_X509>(next.get());
    if (auto form = read_certificate_form(der); !form)
      return {errc::bad_config, who->name + ": " + form.error().text};
    all[who->name] = std::move(der);
  }
  return all;
}

outcome<std::shared_ptr<const identity>> identity::make(std::string_view cert_pem, std::string_view key_pem) {
  x509_certificate own{from_pem<PEM_read_bio_X509>(cert_pem)};
  if (!own) return {errc::bad_config, "the certificate is not PEM"};
  evp_key key{from_pem<PEM_read_bio_PrivateKey>(key_pem)};
  if (!key) return {errc::bad_config, "the private key is not PEM without a passphrase"};
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    ERR_clear_error();
    return {errc::bad_config, "the private key does not belong to the certificate"};
  }
  auto der = to_der<i2d_X509>(own.get());
  auto form = read_certificate_form(der);
  if (!form) return {errc::bad_config, form.error().text};
  auto who = read_holder(own.get());
  if (!who) return {errc::bad_config, who.error().text};
  p256::point written{};
  std::ranges::copy(form->key, written.begin());
  return std::shared_ptr<const identity>{
      std::make_shared<pem_identity>(std::move(der), written, std::move(key), std::move(*who))};
}

} // namespace hublink
