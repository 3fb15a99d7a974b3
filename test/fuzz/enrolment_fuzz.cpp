// What a stranger brings to a server's port, what is answered to a node that knows nobody, and what people
// type and carry in files: any bytes, or good ones with some bytes changed. None of those may count.
#include "fuzz_hub.hpp"
#include "fuzz_network.hpp"

#include "protocol/trust/ca_mark.hpp"
#include "protocol/trust/enrolment.hpp"
#include "protocol/trust/shown_certificate.hpp"

#include <algorithm>
#include <cstdlib>

using namespace hublink;
using namespace hublink::fuzz;

namespace {

struct invited_node {
  invitation_code code = *invitation_code::make(*mark_of_ca(shared_network().ca.cert_pem));
  secret key = make_private_key();
  bytes request = *make_signing_request("HOST1", key.view(), code);
};

const invited_node& invited() {
  static const invited_node made;
  return made;
}

bytes altered(byte_view good, script& doings) {
  bytes data(good.begin(), good.end());
  for (int i = 0; i < 8 && !doings.used_up(); ++i) {
    auto at = (doings.number() << 8 | doings.number()) % data.size();
    data[at] = std::byte(doings.number());
  }
  return data;
}

void try_request(byte_view packed) {
  auto request = read_signing_request(packed);
  if (!request) return;
  if (request->key.size() != 65 || request->node.empty() || request->node.size() > 64) std::abort();
  static const auto genuine = *read_signing_request(invited().request);
  bool same = request->node == genuine.node && request->key == genuine.key;
  if (request->proves(invited().code.verifier()) && !same) std::abort();
  static_cast<void>(fingerprint_of(*request));
  bool renews = request->is_renewal() && check_renewal(*request, *shared_network().trust, noon);
  if (renews && !same) std::abort();
}

const shown_where here{as_bytes("the secret of a connection"), true};

const bytes& renewal_of_host1() {
  static const auto made = *make_renewal_request(*shared_network().host1, invited().key.view());
  return made;
}
const shown_certificate& shown_by_host1() {
  static const auto made = show_certificate(*shared_network().host1, here);
  return made;
}

/// What a peer shows as its newer certificate.
void try_shown(byte_view packed) {
  auto shown = unpack_shown(packed);
  if (!shown) return;
  if (packed.size() > max_shown && pack(*shown).size() > max_shown) std::abort();
  bool counts{check_shown(*shown, *shared_network().trust, noon, {.name = "HOST1"}, here)};
  if (counts && shown->certificate != shown_by_host1().certificate) std::abort();
}

void try_answer(byte_view body) {
  auto answer = read_enrolment_answer(body);
  if (!answer) return;
  if (check_enrolled(*answer, invited().code, "HOST1", invited().key.view(), noon))
    std::abort(); // nobody signed
}

void try_head(byte_view data) {
  if (data.size() < enrolment_head_size) return;
  auto size = read_enrolment_head(data.first<enrolment_head_size>());
  if (size && (*size == 0 || *size > max_signing_request)) std::abort();
  auto answer = read_answer_head(data.first<enrolment_answer_head_size>());
  if (answer && (*answer == 0 || *answer > max_enrolment_answer)) std::abort();
}

void try_text(const std::string& text) {
  if (auto code = invitation_code::read(text)) {
    auto again = invitation_code::read(code->text().view());
    if (!again || again->verifier() != code->verifier()) std::abort();
  }
  if (auto packed = signing_request_in(text)) {
    try_request(*packed);
    auto again = signing_request_in(to_pem(*packed));
    if (!again || *again != *packed) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto& net = shared_network();
  static const auto answer = frame_answer(enrolled{net.keys1.cert_pem, net.ca.cert_pem, net.crl});
  auto input = std::as_bytes(std::span(data, size));
  script doings{input};
  auto way = doings.number() % 9;
  auto rest = input.subspan(std::min<std::size_t>(1, size));
  switch (way) {
  case 0:
    try_request(rest);
    break;
  case 1:
    try_request(altered(invited().request, doings));
    break;
  case 2:
    try_answer(rest);
    break;
  case 3:
    try_answer(altered(byte_view{answer}.subspan(enrolment_answer_head_size), doings));
    break;
  case 4:
    try_head(rest);
    break;
  case 6:
    try_request(altered(renewal_of_host1(), doings));
    break;
  case 7:
    try_shown(rest);
    break;
  case 8:
    try_shown(altered(pack(shown_by_host1()), doings));
    break;
  default:
    try_text(std::string{as_text(rest)});
  }
  return 0;
}
