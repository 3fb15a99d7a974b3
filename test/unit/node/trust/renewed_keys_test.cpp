#include "node/trust/keys.hpp"
#include "node/trust/renewed_keys.hpp"
#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

using namespace hublink;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const auto began = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

struct renewal_scratch {
  renewal_scratch() {
    std::string name = (fs::temp_directory_path() / "hublink-renewal-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~renewal_scratch() { fs::remove_all(path); }
  fs::path path;
};

/// A node with keys of `hublink keys`, and what it gets after them.
struct renewed_node {
  renewal_scratch dir;
  fs::path out = dir.path / "keys", data = dir.path / "HOST1";
  renewed_keys files{data};

  renewed_node() {
    fs::create_directories(data);
    REQUIRE(make_keys({.out = out, .network = "test", .nodes = {{"HOST1", role::client}}}, began));
  }
  outcome<signed_keys> sign(const secret& key, trust::clock_time when, std::chrono::seconds life = 24h) {
    auto request = *read_signing_request(*make_signing_request("HOST1", key.view(), {}));
    return sign_keys({.out = out, .request = request, .holder = role::client, .life = life}, when);
  }
  fs::path renew(trust::clock_time when, std::chrono::seconds life = 24h) {
    auto key = files.next_key();
    REQUIRE(key);
    auto made = *sign(*key, when, life);
    return *files.keep({.certificate = made.certificate, .key = std::move(*key)});
  }
  outcome<node_keys> load(trust::clock_time when) {
    return load_keys(out / "HOST1", "HOST1", role::client, when, {}, data);
  }
};

} // namespace

TEST_CASE("a renewed pair comes whole, with a key of its own that others can't read") {
  renewed_node with;
  CHECK(with.files.all().empty());
  auto next = with.files.next_key(), again = with.files.next_key(); // after a crash
  REQUIRE((next && again));
  CHECK(next->view() == again->view());
  auto first = with.renew(began + 1h), second = with.renew(began + 2h);
  CHECK(with.files.all() == std::vector{second, first});
  struct stat facts {};
  REQUIRE(::stat((second / "key.pem").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  with.files.drop(first);
  CHECK(with.files.all() == std::vector{second});
  CHECK(with.renew(began + 3h).filename() == "3"); // no number comes twice while a later one is there
}

TEST_CASE("a node begins with the newest of its certificates that counts, and keeps the others' keys") {
  renewed_node with;
  auto by_folder = with.load(began);
  REQUIRE(by_folder);
  CHECK(by_folder->own.size() == 1);
  with.renew(began + 1h);
  auto newest = with.renew(began + 2h);
  auto keys = with.load(began + 3h);
  REQUIRE(keys);
  CHECK(keys->key_path == newest / "key.pem");
  CHECK(keys->first_key_path == with.out / "HOST1" / "key.pem");
  REQUIRE(keys->own.size() == 3);
  CHECK(std::ranges::equal(keys->id->certificate(), keys->own.front()->certificate()));
  CHECK(std::ranges::equal(keys->own.back()->certificate(), by_folder->id->certificate()));
  auto years_later = began + std::chrono::hours{24 * 731};
  CHECK_FALSE(with.load(years_later)); // none counts
  with.renew(years_later - 1h);
  auto still = with.load(years_later);
  REQUIRE(still); // though the one in the key folder has expired
  CHECK(still->own.size() == 1);
}

TEST_CASE("what is damaged among renewed pairs keeps no node from starting") {
  renewed_node with;
  auto good = with.renew(began + 1h), bad = with.renew(began + 2h);
  std::ofstream{bad / "cert.pem"} << "no certificate";
  fs::create_directories(with.data / "keys.renewed" / ".new");
  fs::create_directories(with.data / "keys.renewed" / "12x");
  CHECK(with.load(began + 3h)->key_path == good / "key.pem");
}

TEST_CASE("a certificate that replaces another one lasts as long, and the same key gets the same one") {
  renewed_node with;
  for (auto life : {std::chrono::seconds{40}, std::chrono::seconds{86'400 * 730 + 3600}}) {
    auto key = make_private_key();
    auto made = with.sign(key, began, life);
    REQUIRE(made);
    auto der = *read_pem_block(made->certificate, "CERTIFICATE", max_certificate);
    CHECK(*end_of_validity(der) - *begin_of_validity(der) == life);
    CHECK(*begin_of_validity(der) <= began);
    CHECK(*begin_of_validity(der) >= began - life / 20);
    CHECK(with.sign(key, began + 1s, life)->certificate == made->certificate);
    CHECK(with.sign(make_private_key(), began + 1s, life)->certificate != made->certificate);
  }
}
