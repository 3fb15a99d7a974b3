#include "protocol/base/base64.hpp"
#include "protocol/trust/scram.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::scram;

namespace {

key key_of(std::uint8_t number) {
  key made;
  made.fill(std::byte(number));
  return made;
}

const recipe usual_recipe{{std::byte{1}, std::byte{2}}, {}};
const key salted = key_of(7), link_ab = key_of(1), link_ac = key_of(2);
const std::string client_nonce(16, 'c'), server_nonce(16, 's');

struct login {
  explicit login(const verifier& keys = make_verifier(usual_recipe, salted), key at_server = link_ab)
      : asking("op", client_nonce, link_ab),
        answering(*greeting::read(asking.first()), keys, server_nonce, at_server) {}

  client asking;
  server answering;
};

} // namespace

TEST_CASE("who knows the password is let in, and sees that the server knows the account") {
  login one;
  auto how = one.asking.read_first(one.answering.first());
  REQUIRE(how);
  CHECK(*how == usual_recipe);
  auto last = one.answering.prove(one.asking.final(salted));
  REQUIRE(last);
  CHECK(one.asking.check(*last));
  CHECK(one.answering.user() == "op");
}

TEST_CASE("the texts are those of RFC 5802, channel-bound") {
  login one;
  CHECK(one.asking.first() == "p=tls-exporter,,n=op,r=cccccccccccccccc");
  CHECK(one.answering.first() == "r=ccccccccccccccccssssssssssssssss,s=AQIAAAAAAAAAAAAAAAAAAA==,i=2,m=65536");
  REQUIRE(one.asking.read_first(one.answering.first()));
  auto last = one.asking.final(salted);
  CHECK(last.starts_with("c=cD10bHMtZXhwb3J0ZXIsLA"));
  CHECK(last.find(",r=ccccccccccccccccssssssssssssssss,p=") != std::string::npos);
}

TEST_CASE("a wrong password is refused, and so is what was proved on another link or to another login") {
  login wrong;
  REQUIRE(wrong.asking.read_first(wrong.answering.first()));
  CHECK_FALSE(wrong.answering.prove(wrong.asking.final(key_of(8))));

  login moved{make_verifier(usual_recipe, salted), link_ac};
  REQUIRE(moved.asking.read_first(moved.answering.first()));
  CHECK_FALSE(moved.answering.prove(moved.asking.final(salted)));

  login first;
  REQUIRE(first.asking.read_first(first.answering.first()));
  auto proof = first.asking.final(salted);
  REQUIRE(first.answering.prove(proof));
  server later{*greeting::read(first.asking.first()), make_verifier(usual_recipe, salted),
               std::string(16, 't'), link_ab};
  CHECK_FALSE(later.prove(proof));
}

TEST_CASE("every bit of a proof counts") {
  login one;
  REQUIRE(one.asking.read_first(one.answering.first()));
  auto good = one.asking.final(salted);
  for (std::size_t at = 0; at < good.size(); ++at)
    for (char other : {'A', 'B', '=', ','}) {
      auto bad = good;
      if (std::exchange(bad[at], other) == other) continue;
      CAPTURE(bad);
      CHECK_FALSE(one.answering.prove(bad));
    }
  CHECK_FALSE(one.answering.prove(good + "A"));
  CHECK_FALSE(one.answering.prove(good.substr(0, good.size() - 1)));
  CHECK_FALSE(one.answering.prove(""));
}

TEST_CASE("a server that doesn't know the account is not believed") {
  login one;
  CHECK_FALSE(one.asking.check("v=" + to_base64(key{}))); // before anything was proved
  REQUIRE(one.asking.read_first(one.answering.first()));
  one.asking.final(salted);
  for (std::string text : {std::string{}, std::string{"v="}, "v=" + to_base64(key{}),
                           "v=" + to_base64(key_of(9)), std::string{"e=other-error"}}) {
    CAPTURE(text);
    auto believed = one.asking.check(text);
    REQUIRE_FALSE(believed);
    CHECK(believed.error().code == errc::not_authenticated);
  }
}

TEST_CASE("a client makes no key that is too cheap or too dear, and takes part in its own login alone") {
  auto refuses = [](const std::string& text) {
    login one;
    auto how = one.asking.read_first(text);
    return !how && how.error().code == errc::bad_message;
  };
  const std::string nonces = client_nonce + server_nonce, salt = "AQIAAAAAAAAAAAAAAAAAAA==";
  auto with = [&](const std::string& costs) { return "r=" + nonces + ",s=" + salt + "," + costs; };
  CHECK_FALSE(refuses(with("i=2,m=65536")));
  CHECK_FALSE(refuses(with("i=8,m=262144")));
  for (auto costs : {"i=1,m=65536", "i=2,m=65535", "i=9,m=65536", "i=2,m=262145", "i=2,m=4194304", "i=4096",
                     "i=0,m=65536", "i=2,m=4294967297", "i=-2,m=65536", "i=2,m=65536,x=1", "m=65536,i=2",
                     "i=2,m=", "i=2 ,m=65536", "i=0x2,m=65536"}) {
    CAPTURE(costs);
    CHECK(refuses(with(costs)));
  }
  const std::string rest = ",s=" + salt + ",i=2,m=65536";
  CHECK(refuses("r=" + server_nonce + client_nonce + rest)); // of another login
  CHECK(refuses("r=" + client_nonce + rest));                // the server adds nothing
  CHECK(refuses("r=" + client_nonce + "short" + rest));
  CHECK(refuses("r=" + nonces + std::string(300, 's') + rest));
  CHECK(refuses("r=" + nonces + ",s=AQI=,i=2,m=65536"));
  CHECK(refuses("r=" + nonces + ",s=,i=2,m=65536"));
  CHECK(refuses("m=x,r=" + nonces + rest));
  CHECK(refuses(""));
  CHECK(refuses(std::string(100'000, 'r')));
}

TEST_CASE("a client that is not bound to its link, or names nobody, is not listened to") {
  for (std::string text :
       {"n,,n=op,r=cccccccccccccccc", "y,,n=op,r=cccccccccccccccc", "p=tls-unique,,n=op,r=cccccccccccccccc",
        "p=tls-exporter,a=x,n=op,r=cccccccccccccccc", "p=tls-exporter,,n=,r=cccccccccccccccc",
        "p=tls-exporter,,n=op,r=short", "p=tls-exporter,,r=cccccccccccccccc,n=op", "p=tls-exporter,,n=op",
        "p=tls-exporter,,m=x,n=op,r=cccccccccccccccc", "p=tls-exporter,,n=o=2Cp,r=cccccccccccccccc",
        "p=tls-exporter,,n=op,r=cccccccccccccccc,x=1", ""}) {
    CAPTURE(text);
    CHECK_FALSE(greeting::read(text));
  }
  CHECK_FALSE(greeting::read("p=tls-exporter,,n=" + std::string(65, 'a') + ",r=" + client_nonce));
  CHECK_FALSE(greeting::read("p=tls-exporter,,n=op,r=" + std::string(129, 'c')));
  CHECK_FALSE(greeting::read("p=tls-exporter,,n=op,r=cccccccc\ncccccccc"));
}

TEST_CASE("a hash of before has what checks the same password") {
  const std::string text =
      "$argon2id$v=19$m=65536,t=2,p=1$AQIAAAAAAAAAAAAAAAAAAA$" + to_base64(salted).substr(0, 43);
  CHECK(verifier_of_hash(text) == make_verifier(usual_recipe, salted));
  for (std::string other : {"", "$argon2id$", "$argon2i$v=19$m=65536,t=2,p=1$AQIAAAAAAAAAAAAAAAAAAA$",
                            "$argon2id$v=19$$$", "$argon2id$v=19$m=65536,t=2,p=2$AQIAAAAAAAAAAAAAAAAAAA$"})
    CHECK_FALSE(verifier_of_hash(other.size() > 30 ? other + to_base64(salted).substr(0, 43) : other));
  CHECK_FALSE(verifier_of_hash(text + "A"));
  CHECK_FALSE(verifier_of_hash(text.substr(0, text.size() - 1)));
}
