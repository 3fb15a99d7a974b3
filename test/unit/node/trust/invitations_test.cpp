#include "node/base/small_file.hpp"
#include "node/trust/invitations.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

#include <cstdlib>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct inviting {
  inviting() {
    std::string name = (fs::temp_directory_path() / "hublink-invitations-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    reopen();
  }
  ~inviting() { fs::remove_all(folder); }

  void reopen() {
    auto made = invitations::open(folder, [this] { return now; });
    REQUIRE(made);
    opened = std::move(*made);
  }
  invitation_code invite(const std::string& node) {
    auto code = *invitation_code::make(mark);
    invitation made;
    made.node = node;
    made.verifier = code.verifier();
    REQUIRE(opened->add(made));
    return code;
  }
  signing_request request(const std::string& node, const invitation_code& code, const secret& key) {
    return *read_signing_request(*make_signing_request(node, key.view(), code));
  }
  outcome<std::string> redeem(const signing_request& of) {
    return opened->redeem(of, [this](const invitation& by) -> outcome<std::string> {
      ++signed_so_far;
      return "certificate " + std::to_string(signed_so_far) + " of " + by.node;
    });
  }

  fs::path folder;
  trust::clock_time now = noon;
  network_mark mark{};
  std::unique_ptr<invitations> opened;
  int signed_so_far = 0;
};

} // namespace

TEST_CASE("a code works once, and again for the same key") {
  inviting with;
  auto code = with.invite("HOST1");
  auto key = make_private_key(), other = make_private_key();
  CHECK(with.opened->any());
  CHECK(*with.redeem(with.request("HOST1", code, key)) == "certificate 1 of HOST1");
  CHECK(*with.redeem(with.request("HOST1", code, key)) == "certificate 1 of HOST1"); // the answer was lost
  auto no = with.redeem(with.request("HOST1", code, other));
  CHECK(no.error().code == errc::not_authorised);
  CHECK_THAT(no.error().text, Contains("used already") && Contains("hublink invite HOST1"));
  with.reopen();
  CHECK(with.redeem(with.request("HOST1", code, key)));
  CHECK_FALSE(with.redeem(with.request("HOST1", code, other)));
  CHECK(with.signed_so_far == 1);
}

TEST_CASE("a code is one node's, for a day, and the last one counts") {
  inviting with;
  auto key = make_private_key();
  auto lost = with.invite("HOST1"), code = with.invite("HOST1");
  CHECK(with.redeem(with.request("HOST1", lost, key)).error().code == errc::not_registered);
  auto no = with.redeem(with.request("HOST2", code, key));
  CHECK(no.error().code == errc::not_authorised);
  CHECK_THAT(no.error().text, Contains("for HOST1, not for HOST2"));
  auto stranger = with.request("HOST1", *invitation_code::make(with.mark), key);
  CHECK(with.redeem(stranger).error().code == errc::not_registered);
  with.now += invitations::lifetime;
  CHECK_FALSE(with.opened->any());
  CHECK_THAT(with.redeem(with.request("HOST1", code, key)).error().text, Contains("ended at"));
  CHECK(with.signed_so_far == 0);
}

TEST_CASE("a code that was used ends with its day, too") {
  inviting with;
  auto key = make_private_key();
  auto code = with.invite("HOST1");
  REQUIRE(with.redeem(with.request("HOST1", code, key)));
  with.now += invitations::lifetime;
  CHECK_FALSE(with.redeem(with.request("HOST1", code, key)));
}

TEST_CASE("what failed to be signed leaves the code as it was") {
  inviting with;
  auto key = make_private_key();
  auto code = with.invite("HOST1");
  auto full =
      with.opened->redeem(with.request("HOST1", code, key), [](const invitation&) -> outcome<std::string> {
        return failure{errc::no_space, {}, "full"};
      });
  CHECK(full.error().code == errc::no_space);
  CHECK(with.redeem(with.request("HOST1", code, make_private_key())));
}

TEST_CASE("nothing that is stored makes a proof, and a damaged file is said") {
  inviting with;
  auto code = with.invite("HOST1");
  auto text = *read_small_file(with.folder / "invitations.json");
  CHECK(text.find(std::string{code.text().view()}) == std::string::npos);
  REQUIRE(write_small_file(with.folder / "invitations.json", text.substr(0, text.size() / 2), 0600));
  auto damaged = invitations::open(with.folder, [] { return noon; });
  CHECK(damaged.error().code == errc::bad_config);
}

TEST_CASE("invitations are bounded") {
  inviting with;
  for (std::size_t i = 0; i < invitations::most; ++i) with.invite("HOST" + std::to_string(i));
  invitation more;
  more.node = "MORE";
  CHECK(with.opened->add(more).error().code == errc::busy);
  with.now += std::chrono::hours{24 * 9};
  CHECK(with.opened->add(more));
}
