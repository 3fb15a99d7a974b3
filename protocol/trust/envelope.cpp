#include "protocol/trust/envelope.hpp"

#include "protocol/trust/credentials.hpp"

namespace hublink {
namespace {

using namespace openssl;

/// The default of OpenSSL 3.0 is SHA-1.
bool use_sha256(CMS_RecipientInfo* recipient) {
  auto context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  return context && EVP_PKEY_CTX_ctrl_str(context, "ecdh_kdf_md", "sha256") > 0;
}

cms_content parse(byte_view der) {
  auto at = raw(der);
  cms_content found{d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size()))};
  if (at != raw(der) + der.size()) found.reset();
  return found;
}

} // namespace

outcome<bytes> seal_envelope(byte_view secret, byte_view certificate) {
  auto holder = certificate_from_der(certificate);
  if (!holder) return {errc::bad_message, "the certificate to seal for can't be read"};
  return seal_envelope(secret, holder.get());
}

outcome<bytes> seal_envelope(byte_view secret, X509* holder) {
  constexpr unsigned flags = CMS_BINARY | CMS_PARTIAL;
  auto input = reader(secret);
  cms_content cms{CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), flags)};
  auto recipient = cms ? CMS_add1_recipient_cert(cms.get(), holder, CMS_KEY_PARAM | CMS_USE_KEYID) : nullptr;
  bool made = recipient && use_sha256(recipient) && CMS_final(cms.get(), input.get(), nullptr, flags);
  if (!made) return {errc::failed, "no envelope could be made: " + take_reason()};
  return to_der<i2d_CMS_ContentInfo>(cms.get());
}

outcome<bytes> open_envelope(byte_view envelope, X509* certificate, EVP_PKEY* key) {
  failure wrong{errc::tampered, {}, "the envelope was not made for this node's certificate, or was altered"};
  if (envelope.size() > max_envelope) return wrong;
  auto cms = parse(envelope);
  // Plain EnvelopedData would open too, without any authentication.
  bool sealed = cms && OBJ_obj2nid(CMS_get0_type(cms.get())) == NID_id_smime_ct_authEnvelopedData;
  auto output = writer();
  bool opened = sealed && CMS_decrypt(cms.get(), key, certificate, nullptr, output.get(), CMS_BINARY) == 1;
  ERR_clear_error();
  if (!opened) return wrong;
  return content(output.get());
}

} // namespace hublink
