#include "node/link/tls_context.hpp"

#include "node/base/small_file.hpp"
#include "protocol/trust/openssl.hpp"

#include <asio/buffer.hpp>
#include <asio/ssl/error.hpp>

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace hublink {
namespace {

using context_ptr = std::shared_ptr<asio::ssl::context>;

/// Bytes of a peer's chain, which is kept before anybody knows who it is.
constexpr long most_chain_bytes = 16 * 1024;

void load_revocations(asio::ssl::context& tls, const std::string& path, std::error_code& error) {
  auto store = SSL_CTX_get_cert_store(tls.native_handle());
  auto lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup || X509_load_crl_file(lookup, path.c_str(), X509_FILETYPE_PEM) < 1)
    error.assign(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  ERR_clear_error();
}

/// Why the peer refuses this node's certificate; null for other alerts (RFC 8446, 6.2).
const char* refused_because(int alert) {
  switch (alert) {
  case SSL_AD_BAD_CERTIFICATE:
    return "bad certificate";
  case SSL_AD_UNSUPPORTED_CERTIFICATE:
    return "unsupported certificate";
  case SSL_AD_CERTIFICATE_REVOKED:
    return "certificate revoked";
  case SSL_AD_CERTIFICATE_EXPIRED:
    return "certificate expired, by the peer's clock";
  case SSL_AD_CERTIFICATE_UNKNOWN:
    return "certificate not acceptable";
  case SSL_AD_UNKNOWN_CA:
    return "unknown CA";
  case SSL_AD_ACCESS_DENIED:
    return "access denied";
  case SSL_AD_DECRYPT_ERROR:
    return "the key does not belong to the certificate";
  case SSL_AD_CERTIFICATE_REQUIRED:
    return "no certificate was shown";
  default:
    return nullptr;
  }
}

} // namespace

outcome<context_ptr> make_tls_context(const plane_identity& own) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls);
  auto raw = tls->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0); // a resumed session would not show its certificate
  SSL_CTX_set_max_cert_list(raw, most_chain_bytes);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  std::error_code error;
  tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, error);
  auto use = [&](const std::string& path, auto load) -> outcome<> {
    load(path);
    if (!error) return {};
    return {errc::bad_config, "can't use " + path + ": " + error.message()};
  };
  if (auto done = use(own.ca_path, [&](auto& path) { tls->load_verify_file(path, error); }); !done)
    return done.error();
  if (auto done = use(own.crl_path, [&](auto& path) { load_revocations(*tls, path, error); }); !done)
    return done.error();
  if (auto done = use(own.cert_path,
                      [&](auto& path) { tls->use_certificate_file(path, asio::ssl::context::pem, error); });
      !done)
    return done.error();
  // Not by OpenSSL's own reader, whose buffer would keep the key.
  auto key = read_secret_file(own.key_path);
  if (!key) return {errc::bad_config, "can't use " + own.key_path + ": it can't be read"};
  auto use_key = [&](auto&) {
    tls->use_private_key(asio::buffer(key->view()), asio::ssl::context::pem, error);
  };
  if (auto done = use(own.key_path, use_key); !done) return done.error();
  return tls;
}

outcome<> put_in_place(asio::ssl::context& tls, const own_pair& pair) {
  openssl::x509_certificate certificate{openssl::from_pem<PEM_read_bio_X509>(pair.certificate)};
  openssl::evp_key key{openssl::from_pem<PEM_read_bio_PrivateKey>(pair.key.view())};
  constexpr int replaces = 1;
  bool done =
      certificate && key &&
      SSL_CTX_use_cert_and_key(tls.native_handle(), certificate.get(), key.get(), nullptr, replaces) == 1;
  ERR_clear_error();
  if (!done) return {errc::failed, "TLS does not take the new certificate"};
  return {};
}

namespace {

/// That both ends of this connection know, and nobody else.
std::array<std::byte, 32> secret_of(SSL* ssl) {
  constexpr std::string_view label = "EXPORTER-hublink-certificate";
  std::array<std::byte, 32> made{};
  if (SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(made.data()), made.size(),
                                 label.data(), label.size(), nullptr, 0, 0) != 1)
    ERR_clear_error();
  return made;
}

} // namespace

std::optional<shown_certificate> shown_certificates::newer(const plane_identity& own, SSL* ssl,
                                                           bool dialled) {
  auto self = own.id.now();
  if (!self) return {};
  if (own_.empty()) own_ = openssl::to_der<i2d_X509>(SSL_get_certificate(ssl));
  if (std::ranges::equal(own_, self->certificate())) return {};
  auto secret = secret_of(ssl);
  auto made = show_certificate(*self, {.binding = secret, .by_dialler = dialled});
  own_ = made.certificate;
  return made;
}

outcome<trust::clock_time> shown_certificates::take(const shown_certificate& shown, const plane_identity& own,
                                                    SSL* ssl, const trust::holder& peer, bool dialled) {
  auto secret = secret_of(ssl);
  auto until =
      check_shown(shown, *own.ca, own.wall_clock(), peer, {.binding = secret, .by_dialler = !dialled});
  if (until) of_peer_ = shown.certificate;
  return until;
}

failure explain_tls(std::error_code error, const std::string& who) {
  if (error.category() == asio::error::get_ssl_category()) {
    auto reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (auto because = refused_because(reason - SSL_AD_REASON_OFFSET))
      return {errc::not_authorised, {}, who + " refuses this node's certificate: " + because};
    return {errc::hop_down, {}, who + ": TLS failed: " + error.message()};
  }
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return {errc::hop_down, {}, who + " closed the connection"};
  return {errc::hop_down, {}, who + ": " + error.message()};
}

} // namespace hublink
