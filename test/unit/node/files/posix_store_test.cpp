#include "node/files/posix_store.hpp"
#include "support/catch.hpp"

#include "node/files/partial_names.hpp"
#include "node/files/posix_file.hpp"
#include "node/files/posix_target.hpp"

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

const transfer_id id = "0123456789abcdef0123456789abcdef";

struct folder {
  fs::path path = fs::temp_directory_path() / ("hublink-store-" + std::to_string(::getpid()));
  folder() {
    fs::remove_all(path);
    fs::create_directories(path);
    fs::permissions(path, fs::perms::all);
  }
  ~folder() { fs::remove_all(path); }

  void put(const std::string& name, const std::string& content) const {
    std::ofstream(path / name) << content;
  }
  std::string get(const std::string& name) const {
    std::ifstream in(path / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (auto& entry : fs::directory_iterator(path)) found.push_back(entry.path().filename());
    return found;
  }
};

/// File permissions as an ordinary user has them, also where tests run as root.
struct as_ordinary_user {
  int before = ::setfsuid(::geteuid() == 0 ? 65534 : ::geteuid());
  ~as_ordinary_user() { ::setfsuid(before); }
};

template <class T>
failure error_of(const outcome<T>& got) {
  REQUIRE_FALSE(got);
  return got.error();
}

create_file wanted(std::uint64_t size, std::uint32_t mode = 0644) { return {id, 1, size, mode}; }

} // namespace

TEST_CASE("a source is read and rechecked") {
  folder at;
  at.put("a", "hello world");
  posix_store store(at.path);
  auto file = store.source("a");
  auto facts = file->open();
  REQUIRE(facts);
  CHECK(facts->size == 11);
  CHECK(*facts == *store.probe("a"));
  std::array<std::byte, 5> part;
  REQUIRE(file->read(6, part));
  CHECK(as_text(part) == "world");
  CHECK(*file->recheck() == *facts);

  SECTION("appended: the facts differ") {
    std::ofstream(at.path / "a", std::ios::app) << "!";
    CHECK(file->recheck()->size == 12);
  }
  SECTION("what says nothing of its content") {
    fs::create_hard_link(at.path / "a", at.path / "b");
    fs::permissions(at.path / "a", fs::perms::owner_read);
    CHECK(*file->recheck() == *facts);
  }
  SECTION("replaced by another file: what is open counts") {
    at.put("b", "HELLO WORLD");
    fs::rename(at.path / "b", at.path / "a");
    CHECK(*file->recheck() == *facts);
    REQUIRE(file->read(6, part));
    CHECK(as_text(part) == "world");
  }
  SECTION("removed") {
    fs::remove(at.path / "a");
    CHECK(*file->recheck() == *facts);
  }
  SECTION("shortened") {
    fs::resize_file(at.path / "a", 8);
    CHECK(error_of(file->read(6, part)).code == errc::file_changed);
  }
}

TEST_CASE("what can't be a source is refused with its path") {
  folder at;
  posix_store store(at.path);
  auto refused = [&](const char* name, errc code) {
    for (auto& why : {error_of(store.probe(name)), error_of(store.source(name)->open())}) {
      INFO(why.text);
      CHECK(why.code == code);
      CHECK(why.text.find((at.path / name).string()) != std::string::npos);
    }
  };
  at.put("file", "x");
  refused("none", errc::file_missing);
  refused("file/none", errc::file_missing);
  fs::create_directory(at.path / "dir");
  refused("dir", errc::file_denied);
  REQUIRE(::mkfifo((at.path / "fifo").c_str(), 0666) == 0);
  refused("fifo", errc::file_denied);
  fs::permissions(at.path / "file", fs::perms::none);
  as_ordinary_user user;
  refused("file", errc::file_denied);
}

TEST_CASE("a symbolic link to a regular file is a source") {
  folder at;
  at.put("real", "content");
  fs::create_symlink("real", at.path / "alias");
  CHECK(posix_store(at.path).source((at.path / "alias").string())->open()->size == 7);
}

TEST_CASE("a target appears whole, with its mode, and only when published") {
  folder at;
  posix_store store(at.path);
  at.put("out", "old");
  auto file = store.target("out", if_exists::replace);
  REQUIRE(file->create(wanted(6, 0100750)));
  REQUIRE(file->write(0, as_bytes("abc")));
  REQUIRE(file->write(3, as_bytes("def")));
  REQUIRE(file->sync());
  CHECK(at.get("out") == "old");
  auto partial = at.path / (".out.hublink-" + id + "-1.part");
  CHECK(fs::exists(partial));
  REQUIRE(file->publish());
  CHECK(at.get("out") == "abcdef");
  CHECK(fs::status(at.path / "out").permissions() == fs::perms(0666 & ~posix::current_umask()));
  CHECK(at.names() == std::vector<std::string>{"out"});
  file->discard(discard_file{});
  CHECK(at.get("out") == "abcdef");
}

TEST_CASE("a receiver's operator says who may read a file") {
  folder at;
  arrival_rules rules;
  rules.for_all.from = arrival_rule::rights::sender;
  rules.by_file["FILE02"] = {arrival_rule::rights::fixed, 0604};
  posix_store store(at.path, everything_below(at.path), rules);
  auto arrived = [&](const std::string& id_of_file) {
    auto file = store.target("out", if_exists::replace, id_of_file);
    REQUIRE(file->create(wanted(1, 06751)));
    REQUIRE(file->write(0, as_bytes("1")));
    REQUIRE(file->publish());
    return fs::status(at.path / "out").permissions();
  };
  CHECK(arrived("FILE01") == fs::perms(0751 & ~posix::current_umask()));
  CHECK(arrived("FILE02") == fs::perms(0604));
}

TEST_CASE("a directory that may be written and not read takes files") {
  folder at;
  fs::create_directory(at.path / "box");
  fs::permissions(at.path / "box", fs::perms(0333));
  posix_store store(at.path);
  as_ordinary_user user;
  auto file = store.target("box/out", if_exists::refuse);
  REQUIRE(file->create(wanted(1)));
  REQUIRE(file->write(0, as_bytes("1")));
  REQUIRE(file->publish());
  CHECK(fs::file_size(at.path / "box/out") == 1);
}

TEST_CASE("a partial file's name fits where names are short") {
  for (std::size_t longest : {255, 143, 80})
    for (std::size_t size : {1, 60, 79, 255})
      CHECK(partial_name(std::string(size, 'n'), id, 4'294'967'295, longest).size() <= longest);
}

TEST_CASE("a partial file is private until it is complete") {
  folder at;
  auto file = posix_store(at.path).target("out", if_exists::replace);
  REQUIRE(file->create(wanted(1, 0666)));
  CHECK(fs::status(at.path / partial_name("out", id, 1, 255)).permissions() == fs::perms(0600));
}

TEST_CASE("directories of a target are made") {
  folder at;
  auto file = posix_store(at.path).target("a/b/c/out", if_exists::replace);
  REQUIRE(file->create(wanted(0)));
  REQUIRE(file->publish());
  CHECK(fs::file_size(at.path / "a/b/c/out") == 0);
}

TEST_CASE("zeros become holes, also at the end") {
  folder at;
  bytes zeros(1 << 20);
  auto file = posix_store(at.path).target("out", if_exists::replace);
  REQUIRE(file->create(wanted(3 << 20)));
  REQUIRE(file->write(0, zeros));
  REQUIRE(file->write(1 << 20, as_bytes("x")));
  REQUIRE(file->write((1 << 20) + 1, zeros));
  REQUIRE(file->publish());
  struct stat found;
  REQUIRE(::stat((at.path / "out").c_str(), &found) == 0);
  CHECK(found.st_size == (2 << 20) + 1);
  CHECK(found.st_blocks * 512 < (1 << 20));
  auto content = at.get("out");
  CHECK(content[1 << 20] == 'x');
  CHECK(std::ranges::count(content, '\0') == (2 << 20));
}

TEST_CASE("a stale partial file is replaced, a discarded one is gone") {
  folder at;
  posix_store store(at.path);
  at.put(".out.hublink-" + id + "-1.part", "stale and long");
  auto file = store.target("out", if_exists::replace);
  REQUIRE(file->create(wanted(1)));
  REQUIRE(file->write(0, as_bytes("n")));
  SECTION("published") {
    REQUIRE(file->publish());
    CHECK(at.get("out") == "n");
  }
  SECTION("discarded") {
    file->discard(discard_file{});
    CHECK(at.names().empty());
  }
}

TEST_CASE("an attempt that was overtaken neither publishes nor removes its successor's file") {
  folder dir;
  posix_store store{dir.path};
  auto first = store.target("in", if_exists::replace), second = store.target("in", if_exists::replace);
  REQUIRE(first->create(wanted(1)));
  REQUIRE(second->create(wanted(1)));
  REQUIRE(first->write(0, as_bytes("1")));
  CHECK(error_of(first->publish()).code == errc::cut);
  first->discard(discard_file{});
  REQUIRE(second->write(0, as_bytes("2")));
  REQUIRE(second->publish());
  CHECK(dir.get("in") == "2");
  CHECK(dir.names() == std::vector<std::string>{"in"});
}

TEST_CASE("refuse lets nothing be replaced, early and late") {
  folder at;
  posix_store store(at.path);
  auto file = store.target("out", if_exists::refuse);
  REQUIRE(file->create(wanted(3)));
  REQUIRE(file->write(0, as_bytes("new")));
  REQUIRE(file->sync());
  SECTION("nothing there") {
    REQUIRE(file->publish());
    CHECK(at.get("out") == "new");
  }
  SECTION("made meanwhile") {
    at.put("out", "other");
    CHECK(error_of(file->publish()).code == errc::file_exists);
    CHECK(error_of(store.target("out", if_exists::refuse)->create(wanted(3))).code == errc::file_exists);
    CHECK(at.get("out") == "other");
    file->discard(discard_file{});
    CHECK(at.names() == std::vector<std::string>{"out"});
  }
}

TEST_CASE("a target without room, right or a place says why") {
  folder at;
  posix_store store(at.path);
  auto full = store.target("out", if_exists::replace);
  auto why = error_of(full->create(wanted(std::uint64_t(1) << 60)));
  CHECK(why.code == errc::no_space);
  CHECK(why.text.find((at.path / "out").string() + " needs 1152921504606846976 bytes") == 0);
  full->discard(discard_file{});
  CHECK(at.names().empty());

  fs::create_directory(at.path / "dir");
  CHECK(error_of(store.target("dir", if_exists::replace)->create(wanted(1))).code == errc::file_denied);
  at.put("file", "x");
  CHECK(error_of(store.target("file/out", if_exists::replace)->create(wanted(1))).code == errc::io_error);
  fs::permissions(at.path / "dir", fs::perms::none);
  as_ordinary_user user;
  CHECK(error_of(store.target("dir/out", if_exists::replace)->create(wanted(1))).code == errc::file_denied);
}

TEST_CASE("errno becomes a code and a line that names the path") {
  CHECK(posix::why_not("write", "/x", ENOSPC).code == errc::no_space);
  CHECK(posix::why_not("write", "/x", EDQUOT).code == errc::no_space);
  CHECK(posix::why_not("write", "/x", EROFS).code == errc::file_denied);
  CHECK(posix::why_not("write", "/x", EIO) ==
        failure{errc::io_error, "", "can't write /x: Input/output error"});
}

TEST_CASE("a long name leaves room for the partial file's") {
  folder at;
  std::string name;
  while (name.size() < 250) name += "é";
  auto file = posix_store(at.path).target(name, if_exists::replace);
  REQUIRE(file->create(wanted(1)));
  REQUIRE(file->write(0, as_bytes("1")));
  REQUIRE(file->publish());
  CHECK(at.get(name) == "1");
}

TEST_CASE("what was begun to be published is settled once") {
  folder at;
  posix_store store(at.path);
  auto settle = [&](const std::string& path, const checkpoint& content = {}) {
    return store.target(path, if_exists::refuse)->settle({id, 1, content});
  };
  {
    auto file = store.target("out", if_exists::refuse);
    REQUIRE(file->create(wanted(1)));
    REQUIRE(file->write(0, as_bytes("1")));
    REQUIRE(file->sync());
  }
  SECTION("before the rename") {
    CHECK(settle("out"));
    CHECK(at.get("out") == "1");
    CHECK(settle("out"));
    fs::remove(at.path / "out"); // taken away by a job
    CHECK(settle("out"));
  }
  SECTION("somebody made the target") {
    at.put("out", "other");
    CHECK(error_of(settle("out")).code == errc::file_exists);
  }
  SECTION("something else was left") {
    CHECK(error_of(settle("out", {1, "xxh128:00"})).code == errc::cut);
    CHECK_FALSE(fs::exists(at.path / "out"));
  }
  SECTION("no trace of it") { CHECK(error_of(settle("gone/out")).code == errc::cut); }
}

TEST_CASE("what is not where it was begun may be published where that is mounted") {
  folder at;
  arrival_rules rules;
  rules.for_all.require_mount = true;
  posix_store store(at.path, everything_below(at.path), rules);
  CHECK(error_of(store.target("out", if_exists::refuse)->settle({id, 1, {}})).code == errc::unconfirmed);
}
