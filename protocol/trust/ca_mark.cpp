#include "protocol/trust/ca_mark.hpp"

#include "protocol/trust/p256.hpp"
#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"

namespace hublink {

outcome<network_mark> mark_of_ca(std::string_view pem) {
  auto der = pem.size() > max_ca_pem ? std::nullopt : read_pem_block(pem, PEM_STRING_X509, max_certificate);
  if (!der) return {errc::not_authorised, "a CA certificate that is not PEM"};
  auto form = read_certificate_form(*der);
  if (!form) return form.error();
  auto key = p256::public_key(form->key);
  if (!p256::verify(key.get(), form->signed_part, form->signature))
    return {errc::not_authorised, "a CA certificate that is not signed with its own key"};
  network_mark mark{};
  EVP_Digest(form->key.data(), form->key.size(), openssl::raw_out(mark), nullptr, EVP_sha256(), nullptr);
  return mark;
}

} // namespace hublink
