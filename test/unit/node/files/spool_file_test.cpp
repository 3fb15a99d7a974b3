#include "node/files/spool_file.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <filesystem>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

const transfer_id first = "0190a1b2c3d4e5f60718293a4b5c6d7e", second = "0190a1b2c3d4e5f60718293a4b5c6d7f";

struct spool_folder {
  spool_folder() {
    std::string name = (fs::temp_directory_path() / "hublink-spool-XXXXXX").string();
    path = ::mkdtemp(name.data());
    space = std::make_shared<spool_space>((path / "spool").string(), 1000);
  }
  ~spool_folder() { fs::remove_all(path); }

  fs::path path;
  std::shared_ptr<spool_space> space;
};

create_file of(const transfer_id& transfer, std::uint64_t size, std::uint64_t keep = 0,
               const std::string& from = "HOST1") {
  return {transfer, 1, size, 0600, keep, from};
}

std::string read_back(transfer_file& file, std::size_t size) {
  std::string text(size, '?');
  REQUIRE(file.read(0, std::as_writable_bytes(std::span{text})));
  return text;
}

} // namespace

TEST_CASE("what is written into a spool is read beside it, and goes on after a break") {
  spool_folder t;
  auto writer = make_spool_file(t.space), reader = make_spool_file(t.space);
  CHECK_FALSE(reader->reopen({first, 1}));
  REQUIRE(writer->create(of(first, 6)));
  REQUIRE(writer->write(0, as_bytes("abc")));
  REQUIRE(reader->reopen({first, 1}));
  CHECK(read_back(*reader, 3) == "abc");
  auto later = make_spool_file(t.space);
  REQUIRE(later->create(of(first, 6, 3)));
  REQUIRE(later->write(3, as_bytes("def")));
  CHECK(read_back(*reader, 6) == "abcdef");
}

TEST_CASE("a spool that begins anew leaves what others have open as it is") {
  spool_folder t;
  auto writer = make_spool_file(t.space), reader = make_spool_file(t.space);
  REQUIRE(writer->create(of(first, 3)));
  REQUIRE(writer->write(0, as_bytes("old")));
  REQUIRE(reader->reopen({first, 1}));
  auto anew = make_spool_file(t.space);
  REQUIRE(anew->create(of(first, 3)));
  REQUIRE(anew->write(0, as_bytes("new")));
  CHECK(read_back(*reader, 3) == "old");
}

TEST_CASE("an offer takes no room, what comes does, and it goes back") {
  spool_folder t;
  for (int i = 0; i < 20; ++i) {
    transfer_id claimed(32, char('a' + i));
    CHECK(make_spool_file(t.space)->create(of(claimed, 700, 0, "liar")));
  }
  auto writer = make_spool_file(t.space);
  REQUIRE(writer->create(of(first, 700, 0, "HOST1")));
  REQUIRE(writer->write(0, bytes(700)));
  auto refused = make_spool_file(t.space)->create(of(second, 700, 0, "HOST2"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::no_space);
  CHECK_THAT(refused.error().text, Catch::Contains("700 of 1000"));
  CHECK(t.space->drop(first));
  CHECK(make_spool_file(t.space)->create(of(second, 700, 0, "HOST2")));
  t.space->remove(first);
  CHECK_FALSE(fs::exists(t.space->path_of(first)));
}

TEST_CASE("what removes a dropped spool late leaves a new one of that name") {
  spool_folder t;
  REQUIRE(make_spool_file(t.space)->create(of(first, 3)));
  REQUIRE(t.space->drop(first));
  REQUIRE(make_spool_file(t.space)->create(of(first, 3)));
  t.space->remove(first);
  CHECK(fs::exists(t.space->path_of(first)));
}

TEST_CASE("nobody takes all of the spool, whatever he says and sends") {
  spool_folder t;
  auto greedy = make_spool_file(t.space);
  CHECK(greedy->create(of(first, 800, 0, "greedy")).error().code == errc::no_space);
  REQUIRE(greedy->create(of(first, 10, 0, "greedy")));
  std::uint64_t came = 0;
  while (greedy->make_room(came + 1)) ++came;
  CHECK(came == 703);
  CHECK(greedy->write(came, bytes(1)).error().code == errc::no_space);
  auto other = make_spool_file(t.space);
  REQUIRE(other->create(of(second, 170, 0, "HOST2")));
  CHECK(other->write(0, bytes(170)));
  CHECK_FALSE(greedy->make_room(came + 1));
}

TEST_CASE("a spool is its sender's, and begins anew with nothing") {
  spool_folder t;
  auto writer = make_spool_file(t.space);
  REQUIRE(writer->create(of(first, 700, 0, "HOST1")));
  REQUIRE(writer->write(0, bytes(700)));
  CHECK(make_spool_file(t.space)->create(of(first, 1, 0, "HOST2")).error().code == errc::not_authorised);
  REQUIRE(make_spool_file(t.space)->create(of(first, 700, 0, "HOST1")));
  CHECK(make_spool_file(t.space)->create(of(second, 700, 0, "HOST2")));
}

TEST_CASE("of what an earlier process left in the spool that goes on which is known and whole") {
  spool_folder t;
  auto whole = make_spool_file(t.space), stray = make_spool_file(t.space);
  REQUIRE(whole->create(of(first, 600, 0, "HOST1")));
  REQUIRE(whole->write(0, bytes(100)));
  REQUIRE(stray->create(of(second, 3, 0, "HOST1")));
  spool_space again{(t.path / "spool").string(), 1000};
  const transfer_key kept{first, "HOST1", "FILE01"}, third{transfer_id(32, 'c'), "HOST1", "FILE01"};
  auto lost = again.take_up({{kept, 100, "HOST1"}, {third, 1, "HOST1"}});
  CHECK(lost == std::vector{third});
  CHECK(fs::exists(again.path_of(storage_name(kept)))); // an earlier version named it by its id alone
  CHECK_FALSE(fs::exists(again.path_of(first)));
  CHECK_FALSE(fs::exists(again.path_of(second)));
  CHECK(again.admit(second, "HOST2", 600, 0)); // the first has what came of it, not what was said
  CHECK(again.admit(storage_name(third), "HOST2", 700, 0).error().code == errc::no_space);
}
