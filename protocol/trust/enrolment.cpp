#include "protocol/trust/enrolment.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/trust/ca_mark.hpp"
#include "protocol/trust/pem_block.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::array enrolment_magic{enrolment_first_byte, std::byte{'H'}, std::byte{'L'}, std::byte{1}};
constexpr std::size_t max_certificate_pem = 8192;

} // namespace

bytes frame_enrolment(byte_view request) {
  bytes made(enrolment_head_size);
  put_be(std::ranges::copy(enrolment_magic, made.data()).out, static_cast<std::uint16_t>(request.size()));
  made.insert(made.end(), request.begin(), request.end());
  return made;
}

std::optional<std::size_t> read_enrolment_head(std::span<const std::byte, enrolment_head_size> head) {
  if (!std::ranges::equal(head.first<enrolment_magic.size()>(), enrolment_magic)) return {};
  std::size_t size = get_be<std::uint16_t>(head.data() + enrolment_magic.size());
  if (size == 0 || size > max_signing_request) return {};
  return size;
}

bytes frame_answer(const outcome<enrolled>& answer) {
  cbor::json fields;
  if (answer)
    fields = {{"certificate", cbor::to_binary(as_bytes(answer->certificate))},
              {"ca", cbor::to_binary(as_bytes(answer->ca))},
              {"list", cbor::to_binary(as_bytes(answer->list))}};
  else
    fields = {{"code", std::string{to_string(answer.error().code)}},
              {"text", answer.error().text.substr(0, cbor::max_text)}};
  auto body = cbor::to_bytes(fields);
  bytes made(enrolment_answer_head_size);
  put_be(made.data(), static_cast<std::uint32_t>(body.size()));
  made.insert(made.end(), body.begin(), body.end());
  return made;
}

std::optional<std::size_t> read_answer_head(std::span<const std::byte, enrolment_answer_head_size> head) {
  std::size_t size = get_be<std::uint32_t>(head.data());
  if (size == 0 || size > max_enrolment_answer) return {};
  return size;
}

outcome<enrolled> read_enrolment_answer(byte_view body) {
  auto map = cbor::parse_map(body);
  if (!map) return {errc::bad_message, "an answer that is no CBOR map"};
  cbor::fields from{*map};
  if (map->contains("code")) {
    auto code = from.name("code");
    auto text = from.text("text", cbor::max_text);
    if (!from.problem().empty()) return {errc::bad_message, "an answer: " + from.problem()};
    return {errc_from_string(code), text};
  }
  auto certificate = from.binary("certificate", max_certificate_pem), ca = from.binary("ca", max_ca_pem),
       list = from.binary("list", max_enrolment_answer);
  if (!from.problem().empty()) return {errc::bad_message, "an answer: " + from.problem()};
  return enrolled{std::string{as_text(certificate)}, std::string{as_text(ca)}, std::string{as_text(list)}};
}

outcome<> check_enrolled(const enrolled& what, const invitation_code& code, const std::string& node,
                         std::string_view key_pem, trust::clock_time now) {
  auto mark = mark_of_ca(what.ca);
  if (!mark) return {errc::tampered, "the answer has " + mark.error().text};
  if (!code.is_for(*mark))
    return {errc::tampered,
            "the answer is of another network's CA than the one that the code is for: somebody "
            "on the way made it up, or the address is not that of this network"};
  auto ca = trust::make(what.ca, what.list);
  if (!ca) return ca.error();
  auto der = read_pem_block(what.certificate, "CERTIFICATE", max_certificate);
  if (!der) return {errc::tampered, "the answer's certificate is not PEM"};
  auto holder = (*ca)->check(*der, now);
  if (!holder) return holder.error();
  if (holder->name != node)
    return {errc::tampered, "the answer's certificate is of " + holder->name + ", not of " + node};
  if (auto own = identity::make(what.certificate, key_pem); !own)
    return {errc::tampered, "the answer's certificate is not for the key that was made here"};
  return {};
}

} // namespace hublink
