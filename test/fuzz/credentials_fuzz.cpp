// Certificates, envelopes, lists and PEM files that are any bytes, or good ones with some bytes changed: none
// of those may count, or open.
#include "fuzz_hub.hpp"
#include "fuzz_network.hpp"

#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::fuzz;

namespace {

const auto info = as_bytes("info");

/// `good` with up to 8 bytes changed as the input says.
bytes edited(byte_view good, script& doings) {
  bytes data(good.begin(), good.end());
  for (int i = 0; i < 8 && !doings.used_up(); ++i) {
    auto at = (doings.number() << 8 | doings.number()) % data.size();
    data[at] = std::byte(doings.number());
  }
  return data;
}

bool same(byte_view a, byte_view b) { return as_text(a) == as_text(b); }

void try_certificate(byte_view der) {
  auto& net = shared_network();
  auto form = read_certificate_form(der);
  if (net.trust->check(der, noon) && (!form || !same(der, net.host1->certificate()))) std::abort();
  if (form && form->key.size() != 65) std::abort();
  static_cast<void>(net.trust->verify(der, der, der));
  static_cast<void>(net.trust->seal({}, der, info));
}

void try_envelope(byte_view sealed, byte_view good) {
  if (shared_network().host2->open_envelope(sealed, info) && !same(sealed, good)) std::abort();
}

void try_list(const std::string& text) {
  auto& net = shared_network();
  auto was = read_pem_block(net.crl, "X509 CRL", max_revocation_list);
  auto is = read_pem_block(text, "X509 CRL", max_revocation_list);
  if (trust::make(net.ca.cert_pem, text) && was != is) std::abort();
  static_cast<void>(read_list_form(as_bytes(text)));
}

void try_pem(const std::string& text) {
  auto& net = shared_network();
  static_cast<void>(trust::make(text, net.crl));
  static_cast<void>(identity::make(text, net.keys1.key_pem));
  static_cast<void>(identity::make(net.keys1.cert_pem, text));
  static_cast<void>(read_certificates(text));
  try_list(text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto& net = shared_network();
  static const auto envelope = *net.trust->seal({}, net.host2->certificate(), info);
  auto input = std::as_bytes(std::span(data, size));
  script doings{input};
  auto way = doings.number() % 7;
  auto rest = input.subspan(std::min<std::size_t>(1, size));
  switch (way) {
  case 0:
    try_certificate(rest);
    break;
  case 1:
    try_certificate(edited(net.host1->certificate(), doings));
    break;
  case 2:
    try_envelope(rest, envelope);
    break;
  case 3:
    try_envelope(edited(envelope, doings), envelope);
    break;
  case 4:
    try_pem(std::string{as_text(rest)});
    break;
  case 5:
    try_pem(std::string{as_text(edited(as_bytes(net.keys1.cert_pem), doings))});
    break;
  default:
    try_list(std::string{as_text(edited(as_bytes(net.crl), doings))});
  }
  return 0;
}
