// Certificates, envelopes and PEM files that are any bytes, or good ones with some bytes changed: none of
// those may count.
#include "fuzz_hub.hpp"
#include "fuzz_network.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::fuzz;

namespace {

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
  if (net.trust->check(der, noon) && !same(der, net.host1->certificate())) std::abort();
  static_cast<void>(net.trust->verify(der, der, der));
  static_cast<void>(seal_envelope(as_bytes("secret"), der));
}

void try_envelope(byte_view der) {
  auto opened = shared_network().host2->open_envelope(der);
  if (opened && as_text(*opened) != "secret") std::abort();
}

void try_pem(const std::string& text) {
  auto& net = shared_network();
  static_cast<void>(trust::make(text, net.crl));
  static_cast<void>(trust::make(net.ca.cert_pem, text));
  static_cast<void>(identity::make(text, net.keys1.key_pem));
  static_cast<void>(identity::make(net.keys1.cert_pem, text));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto envelope = *seal_envelope(as_bytes("secret"), shared_network().host2->certificate());
  auto input = std::as_bytes(std::span(data, size));
  script doings{input};
  auto& net = shared_network();
  switch (doings.number() % 6) {
  case 0:
    try_certificate(input.subspan(std::min<std::size_t>(1, size)));
    break;
  case 1:
    try_certificate(edited(net.host1->certificate(), doings));
    break;
  case 2:
    try_envelope(input.subspan(std::min<std::size_t>(1, size)));
    break;
  case 3:
    try_envelope(edited(envelope, doings));
    break;
  case 4:
    try_pem(std::string{as_text(input)});
    break;
  default:
    try_pem(std::string{as_text(edited(as_bytes(net.keys1.cert_pem), doings))});
  }
  return 0;
}
