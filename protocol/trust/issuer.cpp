#include "protocol/trust/issuer.hpp"

#include "protocol/trust/p256.hpp"

#include <openssl/pkcs12.h>

#include <algorithm>

namespace hublink {
namespace {

using namespace openssl;
using asn1_time = owner<ASN1_TIME, ASN1_TIME_free>;
using extension = owner<X509_EXTENSION, X509_EXTENSION_free>;
using revocation = owner<X509_REVOKED, X509_REVOKED_free>;

using locked_key = owner<X509_SIG, X509_SIG_free>;
using plain_key = owner<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using algorithm = owner<X509_ALGOR, X509_ALGOR_free>;

constexpr std::size_t max_common_name = 64; // X.520, ub-common-name

// scrypt: 16 MiB a try, half a second or so. OpenSSL reads no more than 32 MiB.
constexpr std::uint64_t scrypt_n = 1 << 14, scrypt_r = 8, scrypt_p = 5;

/// Memory that is wiped when it is freed: private keys pass through it.
bio secret_writer() { return bio{BIO_new(BIO_s_secmem())}; }

secret secret_text(BIO* memory) {
  char* start = nullptr;
  auto size = BIO_get_mem_data(memory, &start);
  return secret{std::string{start, static_cast<std::size_t>(size)}};
}

outcome<secret> plain_pem(EVP_PKEY* key) {
  auto text = secret_writer();
  if (PEM_write_bio_PrivateKey(text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {errc::failed, "no PEM could be written: " + take_reason()};
  return secret_text(text.get());
}

asn1_time to_asn1(std::chrono::system_clock::time_point when) {
  return asn1_time{ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(when))};
}

struct loaded_ca {
  x509_certificate cert;
  evp_key key;
};

outcome<loaded_ca> load(const certified_key& ca) {
  loaded_ca found{x509_certificate{from_pem<PEM_read_bio_X509>(ca.cert_pem)},
                  evp_key{from_pem<PEM_read_bio_PrivateKey>(ca.key_pem)}};
  if (!found.cert || X509_check_ca(found.cert.get()) != 1)
    return {errc::bad_config, "the CA certificate can't be used"};
  bool match = found.key && X509_check_private_key(found.cert.get(), found.key.get()) == 1;
  ERR_clear_error();
  if (!match) return {errc::bad_config, "the CA's key does not belong to its certificate"};
  return found;
}

bool add_entry(X509_NAME* to, const char* field, std::string_view value) {
  return X509_NAME_add_entry_by_txt(to, field, MBSTRING_UTF8, raw(as_bytes(value)),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509* to, X509* issued_by, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issued_by, to, nullptr, nullptr, 0);
  extension made{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  return made && X509_add_ext(to, made.get(), -1) == 1;
}

/// 127 random bits: certificates of one CA never share a number, without a file that counts.
bool set_serial(X509* of) {
  big_number number{BN_new()};
  return BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(of)) != nullptr;
}

x509_certificate start_certificate(EVP_PKEY* key, const validity& when) {
  x509_certificate made{X509_new()};
  auto from = to_asn1(when.from), until = to_asn1(when.until);
  bool fine = made && key && from && until && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
              set_serial(made.get()) && X509_set1_notBefore(made.get(), from.get()) == 1 &&
              X509_set1_notAfter(made.get(), until.get()) == 1 && X509_set_pubkey(made.get(), key) == 1;
  if (!fine) made.reset();
  return made;
}

outcome<certified_key> to_pem(X509* cert, EVP_PKEY* key) {
  auto cert_text = writer();
  auto key_text = plain_pem(key);
  if (!key_text) return key_text.error();
  if (PEM_write_bio_X509(cert_text.get(), cert) != 1)
    return {errc::failed, "no PEM could be written: " + take_reason()};
  return certified_key{text(cert_text.get()), std::string{key_text->view()}};
}

/// A node's certificate for that key, which may be a public one.
outcome<x509_certificate> make_leaf(const certified_key& ca, EVP_PKEY* key, std::string_view name,
                                    role holder, const validity& when) {
  if (name.empty() || name.size() > max_common_name)
    return {errc::bad_config,
            "the name \"" + std::string{name} + "\" does not fit a certificate: 1 to 64 bytes"};
  auto by = load(ca);
  if (!by) return by.error();
  auto cert = start_certificate(key, when);
  auto of = cert.get(), issuer = by->cert.get();
  auto subject = of ? X509_get_subject_name(of) : nullptr;
  bool made = subject && add_entry(subject, "CN", name) && add_entry(subject, "OU", to_string(holder)) &&
              X509_set_issuer_name(of, X509_get_subject_name(issuer)) == 1 &&
              add_extension(of, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
              add_extension(of, issuer, NID_key_usage, "critical,digitalSignature,keyAgreement") &&
              add_extension(of, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
              add_extension(of, issuer, NID_subject_key_identifier, "hash") &&
              add_extension(of, issuer, NID_authority_key_identifier, "keyid:always") &&
              X509_sign(of, by->key.get(), EVP_sha256()) > 0;
  if (!made)
    return {errc::failed, "no certificate could be made for " + std::string{name} + ": " + take_reason()};
  return cert;
}

bool list(X509_CRL* on, const ASN1_INTEGER* serial, const ASN1_TIME* since) {
  revocation entry{X509_REVOKED_new()};
  X509_REVOKED* known = nullptr;
  if (X509_CRL_get0_by_serial(on, &known, serial) == 1) return true;
  bool added = entry && X509_REVOKED_set_serialNumber(entry.get(), const_cast<ASN1_INTEGER*>(serial)) == 1 &&
               X509_REVOKED_set_revocationDate(entry.get(), const_cast<ASN1_TIME*>(since)) == 1 &&
               X509_CRL_add0_revoked(on, entry.get()) == 1;
  if (added) static_cast<void>(entry.release()); // the list owns it now
  return added;
}

bool list_all(X509_CRL* on, X509_CRL* old) {
  auto entries = old ? X509_CRL_get_REVOKED(old) : nullptr;
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    auto entry = sk_X509_REVOKED_value(entries, i);
    if (!list(on, X509_REVOKED_get0_serialNumber(entry), X509_REVOKED_get0_revocationDate(entry)))
      return false;
  }
  return true;
}

bool list_bundle(X509_CRL* on, std::string_view bundle, const ASN1_TIME* since) {
  auto memory = reader(as_bytes(bundle));
  while (x509_certificate next{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)})
    if (!list(on, X509_get0_serialNumber(next.get()), since)) return false;
  ERR_clear_error();
  return true;
}

/// 0: there is none.
std::int64_t number_of(X509_CRL* list) {
  asn1_integer found{
      list ? static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr))
           : nullptr};
  return found ? ASN1_INTEGER_get(found.get()) : 0;
}

/// RFC 5280, 5.2.3.
bool set_number(X509_CRL* of, std::int64_t number) {
  asn1_integer next{ASN1_INTEGER_new()};
  return ASN1_INTEGER_set_int64(next.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(of, NID_crl_number, next.get(), 0, 0) == 1;
}

bool finish_crl(X509_CRL* crl, const loaded_ca& ca) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, ca.cert.get(), nullptr, nullptr, crl, 0);
  extension by{X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always")};
  return by && X509_CRL_add_ext(crl, by.get(), -1) == 1 && X509_CRL_sort(crl) == 1 &&
         X509_CRL_sign(crl, ca.key.get(), EVP_sha256()) > 0;
}

} // namespace

outcome<certified_key> make_ca(std::string_view name, validity when) {
  evp_key key{EVP_EC_gen("P-256")};
  auto cert = start_certificate(key.get(), when);
  auto of = cert.get();
  auto subject = of ? X509_get_subject_name(of) : nullptr;
  bool made = subject && add_entry(subject, "CN", name.substr(0, max_common_name)) &&
              X509_set_issuer_name(of, subject) == 1 &&
              add_extension(of, of, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
              add_extension(of, of, NID_key_usage, "critical,keyCertSign,cRLSign") &&
              add_extension(of, of, NID_subject_key_identifier, "hash") &&
              X509_sign(of, key.get(), EVP_sha256()) > 0;
  if (!made) return {errc::failed, "no CA could be made: " + take_reason()};
  return to_pem(of, key.get());
}

outcome<std::string> lock_key(std::string_view key_pem, const secret& passphrase) {
  evp_key key{from_pem<PEM_read_bio_PrivateKey>(key_pem)};
  plain_key plain{key ? EVP_PKEY2PKCS8(key.get()) : nullptr};
  algorithm how{PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0, nullptr, scrypt_n, scrypt_r, scrypt_p)};
  auto given = passphrase.view();
  locked_key locked{plain && how
                        ? PKCS8_set0_pbe(given.data(), static_cast<int>(given.size()), plain.get(), how.get())
                        : nullptr};
  auto text_of = writer();
  if (locked) static_cast<void>(how.release()); // the locked key owns it now
  if (!locked || PEM_write_bio_PKCS8(text_of.get(), locked.get()) != 1)
    return {errc::failed, "the key can't be encrypted: " + take_reason()};
  return text(text_of.get());
}

outcome<secret> unlock_key(std::string_view locked_pem, const secret& passphrase) {
  auto memory = reader(as_bytes(locked_pem));
  locked_key locked{PEM_read_bio_PKCS8(memory.get(), nullptr, nullptr, nullptr)};
  ERR_clear_error();
  if (!locked) return {errc::bad_config, "the key is no encrypted one"};
  auto given = passphrase.view();
  plain_key plain{PKCS8_decrypt(locked.get(), given.data(), static_cast<int>(given.size()))};
  evp_key key{plain ? EVP_PKCS82PKEY(plain.get()) : nullptr};
  ERR_clear_error();
  if (!key) return {errc::bad_config, "the passphrase is not that of the key"};
  return plain_pem(key.get());
}

bool is_locked(std::string_view key_pem) { return key_pem.find("ENCRYPTED") != key_pem.npos; }

outcome<certified_key> issue(const certified_key& ca, std::string_view name, role holder, validity when) {
  evp_key key{EVP_EC_gen("P-256")};
  auto cert = make_leaf(ca, key.get(), name, holder, when);
  if (!cert) return cert.error();
  return to_pem(cert->get(), key.get());
}

outcome<std::string> certify(const certified_key& ca, byte_view key, std::string_view name, role holder,
                             validity when) {
  auto point = p256::public_key(key);
  if (!point) return {errc::bad_config, "the key to certify is not on P-256"};
  auto cert = make_leaf(ca, point.get(), name, holder, when);
  if (!cert) return cert.error();
  auto text_of = writer();
  if (PEM_write_bio_X509(text_of.get(), cert->get()) != 1)
    return {errc::failed, "no PEM could be written: " + take_reason()};
  return text(text_of.get());
}

outcome<std::string> make_crl(const certified_key& ca, std::string_view old_crl, std::string_view revoked,
                              validity when, std::string_view other_crl) {
  auto by = load(ca);
  if (!by) return by.error();
  revocation_list old{old_crl.empty() ? nullptr : from_pem<PEM_read_bio_X509_CRL>(old_crl)};
  revocation_list other{other_crl.empty() ? nullptr : from_pem<PEM_read_bio_X509_CRL>(other_crl)};
  if ((!old_crl.empty() && !old) || (!other_crl.empty() && !other))
    return {errc::bad_config, "the old revocation list is not PEM"};
  auto number = std::max(number_of(old.get()), number_of(other.get())) + 1;
  revocation_list made{X509_CRL_new()};
  auto crl = made.get();
  auto from = to_asn1(when.from), until = to_asn1(when.until);
  bool fine = crl && from && until && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->cert.get())) == 1 &&
              X509_CRL_set1_lastUpdate(crl, from.get()) == 1 &&
              X509_CRL_set1_nextUpdate(crl, until.get()) == 1 && list_all(crl, old.get()) &&
              list_all(crl, other.get()) && list_bundle(crl, revoked, from.get()) &&
              set_number(crl, number) && finish_crl(crl, *by);
  auto text_of = writer();
  if (!fine || PEM_write_bio_X509_CRL(text_of.get(), crl) != 1)
    return {errc::failed, "no revocation list could be made: " + take_reason()};
  return text(text_of.get());
}

} // namespace hublink
