#include "fuzz_network.hpp"

namespace hublink::fuzz {
namespace {

const validity around_noon{noon - std::chrono::hours{24}, noon + std::chrono::hours{24}};

network make_network() {
  network made;
  made.ca = *make_ca("fuzz", around_noon);
  made.crl = *make_crl(made.ca, "", "", around_noon);
  made.trust = *trust::make(made.ca.cert_pem, made.crl);
  made.keys1 = *issue(made.ca, "HOST1", role::client, around_noon);
  auto keys2 = *issue(made.ca, "HOST2", role::client, around_noon);
  made.host1 = *identity::make(made.keys1.cert_pem, made.keys1.key_pem);
  made.host2 = *identity::make(keys2.cert_pem, keys2.key_pem);
  return made;
}

const std::string open_id = "0123456789abcdef";

struct credulous final : trust {
  explicit credulous(std::string peer) : peer(std::move(peer)) {}
  outcome<holder> check(byte_view, clock_time) const override { return holder{peer, role::client}; }
  outcome<holder> check_signer(byte_view) const override { return holder{peer, role::client}; }
  bool verify(byte_view, byte_view, byte_view) const override { return true; }
  std::int64_t list_number() const override { return 0; }
  outcome<bool> renew(std::string_view) override { return false; }
  network_mark network() const override { return shared_network().trust->network(); }
  outcome<bytes> seal(const envelope_secret& secret, byte_view certificate, byte_view info) const override {
    return shared_network().trust->seal(secret, certificate, info);
  }
  std::string peer;
};

} // namespace

const network& shared_network() {
  static const network made = make_network();
  return made;
}

std::shared_ptr<const trust> credulous_trust(const std::string& peer) {
  return std::make_shared<credulous>(peer);
}

sending_end_config sending(std::shared_ptr<const trust> ca) {
  transfer_offer offer{"0190a1b2c3d4e5f60718293a4b5c6d7e", 1, 1, 7, 0, "HOST1", "FILE01", {"HOST2"}};
  return {offer, open_id, "report.bin", digest_kind::xxh128, 16, shared_network().host1, std::move(ca), [] {
            return noon;
          }};
}

receiving_end_config receiving(std::shared_ptr<const trust> ca) {
  return {"HOST1", "FILE01", shared_network().host2, std::move(ca), [] { return noon; }, open_id};
}

} // namespace hublink::fuzz
