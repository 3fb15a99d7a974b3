#pragma once
/// Owners of OpenSSL's objects, for the protocol layer's own sources.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace hublink::openssl {

template <auto Free>
struct releaser {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using owner = std::unique_ptr<T, releaser<Free>>;

using bio = owner<BIO, BIO_free>;
using x509_certificate = owner<X509, X509_free>;
using revocation_list = owner<X509_CRL, X509_CRL_free>;
using evp_key = owner<EVP_PKEY, EVP_PKEY_free>; ///< private, or its public part alone
using digest_context = owner<EVP_MD_CTX, EVP_MD_CTX_free>;
using cipher_context = owner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using asn1_integer = owner<ASN1_INTEGER, ASN1_INTEGER_free>;
using big_number = owner<BIGNUM, BN_free>;

inline const unsigned char* raw(byte_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}
inline unsigned char* raw_out(std::span<std::byte> data) {
  return reinterpret_cast<unsigned char*>(data.data());
}

/// A BIO that reads `data` in place; `data` must outlive it.
inline bio reader(byte_view data) { return bio{BIO_new_mem_buf(data.data(), static_cast<int>(data.size()))}; }
inline bio writer() { return bio{BIO_new(BIO_s_mem())}; }
inline bytes content(BIO* memory) {
  char* start = nullptr;
  auto size = BIO_get_mem_data(memory, &start);
  auto view = as_bytes({start, static_cast<std::size_t>(size)});
  return {view.begin(), view.end()};
}
inline std::string text(BIO* memory) { return std::string{as_text(content(memory))}; }

/// Calls one of OpenSSL's `i2d_` functions.
template <auto Encode, class T>
bytes to_der(T* object) {
  auto size = Encode(object, nullptr);
  if (size <= 0) return {};
  bytes der(static_cast<std::size_t>(size));
  auto at = raw_out(der);
  Encode(object, &at);
  return der;
}

/// Exactly one DER certificate, or null.
inline x509_certificate certificate_from_der(byte_view der) {
  auto at = raw(der);
  x509_certificate found{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  if (at != raw(der) + der.size()) found.reset();
  ERR_clear_error();
  return found;
}

/// Calls one of OpenSSL's `PEM_read_bio_` functions; null if `pem` holds no such thing. Never asks for a
/// passphrase.
template <auto Read>
auto from_pem(std::string_view pem) {
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  auto memory = reader(as_bytes(pem));
  auto found = Read(memory.get(), nullptr, no_passphrase, nullptr);
  ERR_clear_error();
  return found;
}

/// The last error of this thread in OpenSSL's words; the error queue is empty afterwards, because TLS code
/// reads it too.
inline std::string take_reason() {
  auto reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason ? reason : "unknown reason";
}

} // namespace hublink::openssl
