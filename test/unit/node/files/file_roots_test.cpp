/// What definitions may name, and what they may not, by whatever path.
#include "node/files/file_roots.hpp"
#include "support/catch.hpp"

#include "node/files/beneath.hpp"
#include "node/files/posix_store.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

const transfer_id roots_transfer = "0123456789abcdef0123456789abcdef";

/// A node's directory, its keys beside it, and a place that is nobody's business.
struct machine {
  fs::path base = fs::temp_directory_path() / ("hublink-roots-" + std::to_string(::getpid()));
  fs::path data = base / "HOST1", keys = base / "keys", elsewhere = base / "elsewhere";

  machine() {
    fs::remove_all(base);
    for (const auto& each : {data / "in", data / "out", data / "spool", keys, elsewhere})
      fs::create_directories(each);
    put(data / "local.json");
    put(data / "journal.sqlite");
    put(keys / "key.pem");
    put(elsewhere / "secret");
  }
  ~machine() { fs::remove_all(base); }

  static void put(const fs::path& path) { std::ofstream{path} << "content"; }

  posix_store store(std::vector<std::string> more = {}, std::set<std::string> named = {}) const {
    file_rules rules{.data = data, .keys = keys};
    rules.roots.insert(rules.roots.end(), more.begin(), more.end());
    rules.sources = rules.targets = std::move(named);
    return {data, std::make_shared<const file_roots>(std::move(rules))};
  }
};

template <class T>
std::string refusal(const outcome<T>& got) {
  REQUIRE_FALSE(got);
  CHECK(got.error().code == errc::file_denied);
  return got.error().text;
}

std::string source_refusal(posix_store store, const std::string& path) {
  auto text = refusal(store.probe(path));
  CHECK(refusal(store.source(path)->open()) == text);
  return text;
}

outcome<> receive(posix_store store, const std::string& path) {
  auto file = store.target(path, if_exists::replace);
  if (auto made = file->create({roots_transfer, 1, 3, 0644}); !made) return made;
  if (auto written = file->write(0, as_bytes("new")); !written) return written;
  return file->publish();
}

std::string content(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("what lies in in and out may be named, and nothing else", "[roots]") {
  machine at;
  at.put(at.data / "out/a");
  auto store = at.store();
  CHECK(store.probe("out/a"));
  CHECK(store.probe((at.data / "out/a").string()));
  CHECK(store.probe("out/./b/../a"));
  REQUIRE(receive(store, "in/deep/er/x"));
  CHECK(content(at.data / "in/deep/er/x") == "new");
  for (std::string path :
       {"local.json", "journal.sqlite", "../keys/key.pem", "out/../local.json", "out/../../keys/key.pem",
        "in/../in/../spool/x", "/etc/passwd", "../elsewhere/secret", "out", "inn/x", "."}) {
    INFO(path);
    CHECK_THAT(source_refusal(store, path),
               Catch::Contains("no directory that this node opens to definitions"));
    CHECK_THAT(refusal(receive(store, path)), Catch::Contains("no directory that this node opens"));
    CHECK_FALSE(store.target(path, if_exists::replace)->settle({roots_transfer, 1, {}}));
  }
  CHECK(content(at.data / "local.json") == "content");
  CHECK(content(at.elsewhere / "secret") == "content");
}

TEST_CASE("roots of the operator, and the paths that he named himself", "[roots]") {
  machine at;
  auto secret_path = (at.elsewhere / "secret").string();
  CHECK(at.store({at.elsewhere}).probe(secret_path));
  CHECK(receive(at.store({"../elsewhere"}), secret_path));
  CHECK(at.store({}, {secret_path}).probe(secret_path));
  CHECK_THAT(source_refusal(at.store({}, {secret_path}), (at.elsewhere / "other").string()),
             Catch::Contains("no directory"));
  CHECK(receive(at.store({}, {(at.elsewhere / "new/x").string()}), (at.elsewhere / "new/x").string()));
  // A root outside that is missing is not made: a disk may be missing.
  auto missing = receive(at.store({at.base / "disk"}), (at.base / "disk/x").string());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::io_error);
  CHECK_FALSE(fs::exists(at.base / "disk"));
}

TEST_CASE("what definitions could replace", "[roots]") {
  machine at;
  fs::create_symlink(at.data / "in/load", at.data / "load");
  fs::create_symlink("/bin/true", at.data / "in/true");
  file_rules rules{.data = at.data};
  rules.targets = {(at.elsewhere / "named").string()};
  file_roots roots{rules};
  for (const auto& path : {std::string{"in/load"}, std::string{"./in/../in/load"}, std::string{"load"},
                           std::string{"in/true"}, (at.elsewhere / "named").string()}) {
    INFO(path);
    CHECK(roots.lets_write(path));
  }
  for (std::string path : {"./make", "/bin/true", "inn/load", "../keys/x"})
    CHECK_FALSE(roots.lets_write(path));
}

TEST_CASE("no link leads out of a root", "[roots]") {
  machine at;
  auto store = at.store();
  fs::create_symlink(at.elsewhere / "secret", at.data / "out/absolute");
  fs::create_symlink("../../elsewhere/secret", at.data / "out/relative");
  fs::create_symlink(at.elsewhere, at.data / "out/folder");
  fs::create_symlink("/proc/self/root", at.data / "out/magic");
  for (std::string path : {"out/absolute", "out/relative", "out/folder/secret", "out/magic/etc/passwd"}) {
    INFO(path);
    CHECK_THAT(source_refusal(store, path), Catch::Contains("symbolic link that leads out"));
  }
  fs::create_symlink(at.elsewhere, at.data / "in/folder");
  CHECK_THAT(refusal(receive(store, "in/folder/secret")), Catch::Contains("symbolic link that leads out"));
  CHECK_THAT(refusal(receive(store, "in/folder/deep/x")), Catch::Contains("symbolic link that leads out"));
  CHECK(content(at.elsewhere / "secret") == "content");
  SECTION("one that stays is followed") {
    at.put(at.data / "out/real");
    fs::create_symlink("real", at.data / "out/alias");
    CHECK(store.probe("out/alias"));
  }
  SECTION("a link in the target's place is replaced, not followed") {
    fs::create_symlink(at.elsewhere / "secret", at.data / "in/x");
    REQUIRE(receive(store, "in/x"));
    CHECK(content(at.elsewhere / "secret") == "content");
    CHECK(fs::is_regular_file(fs::symlink_status(at.data / "in/x")));
  }
  SECTION("the operator's own link in the root's place is his decision") {
    fs::remove_all(at.data / "in");
    fs::create_symlink(at.elsewhere, at.data / "in");
    REQUIRE(receive(store, "in/x"));
    CHECK(content(at.elsewhere / "x") == "new");
  }
}

TEST_CASE("the node's own files are nobody's, whatever the operator opens", "[roots]") {
  machine at;
  auto store = at.store({".", at.base}, {"local.json", (at.keys / "key.pem").string()});
  at.put(at.data / "report");
  CHECK(store.probe("report"));
  CHECK(receive(store, "result"));
  auto key = (at.keys / "key.pem").string();
  for (std::string path : {std::string{"local.json"}, std::string{"journal.sqlite"}, key}) {
    INFO(path);
    CHECK_THAT(source_refusal(store, path), Catch::Contains("one of this node's own files"));
  }
  for (std::string path : std::vector<std::string>{"local.json", "journal.sqlite-wal", "definition.signed",
                                                   "control.sock", "lock", "spool/x", key,
                                                   (at.keys / "deep/x").string(), ".hidden", "socks.users"}) {
    INFO(path);
    CHECK_THAT(refusal(receive(store, path)), Catch::Contains("one of this node's own files"));
  }
  SECTION("by a hard link") {
    fs::create_hard_link(at.keys / "key.pem", at.data / "out/innocent");
    fs::create_hard_link(at.data / "local.json", at.data / "out/harmless");
    for (std::string path : {"out/innocent", "out/harmless"})
      CHECK_THAT(source_refusal(store, path), Catch::Contains("one of this node's own files"));
  }
  SECTION("by a symbolic link") {
    fs::create_symlink("../keys/key.pem", at.data / "link");
    fs::create_symlink("../keys", at.data / "folder");
    CHECK_THAT(source_refusal(at.store({at.base}), "link"), Catch::Contains("own files"));
    CHECK_THAT(refusal(receive(at.store({at.base}), "folder/key.pem")), Catch::Contains("own files"));
  }
  CHECK(content(at.keys / "key.pem") == "content");
}

TEST_CASE("only regular files are sent", "[roots]") {
  machine at;
  auto store = at.store();
  REQUIRE(::mkfifo((at.data / "out/fifo").c_str(), 0666) == 0);
  fs::create_directory(at.data / "out/folder");
  sockaddr_un address{AF_UNIX, {}};
  auto path = (at.data / "out/socket").string();
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  unique_fd listening{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  REQUIRE(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  for (std::string name : {"out/fifo", "out/socket", "out/folder"}) source_refusal(store, name);
  if (::geteuid() == 0 && ::mknod((at.data / "out/device").c_str(), S_IFCHR | 0666, makedev(1, 5)) == 0)
    CHECK_THAT(source_refusal(store, "out/device"), Catch::Contains("not a regular file"));
}

TEST_CASE("a file is sent only if who put it there could read it", "[roots]") {
  if (::geteuid() != 0) return; // only root makes files of others
  machine at;
  auto store = at.store();
  constexpr uid_t other = 65534;
  at.put(at.data / "out/others");
  REQUIRE(::chown((at.data / "out/others").c_str(), other, other) == 0);
  CHECK_THAT(source_refusal(store, "out/others"), Catch::Contains("belongs to user 65534"));
  REQUIRE(::chown((at.data / "out").c_str(), other, other) == 0);
  CHECK(store.probe("out/others"));
  fs::create_hard_link(at.elsewhere / "secret", at.data / "out/linked");
  CHECK_THAT(source_refusal(store, "out/linked"), Catch::Contains("several hard links"));
  REQUIRE(::chown((at.data / "out").c_str(), 0, 0) == 0);
  CHECK(store.probe("out/linked")); // root's own link
  fs::permissions(at.data / "out", fs::perms{0777});
  CHECK(store.probe("out/others"));
  CHECK_THAT(source_refusal(at.store(), "out/linked"), Catch::Contains("several hard links"));
}

TEST_CASE("a received file's mode is below the umask", "[roots]") {
  machine at;
  auto before = ::umask(027);
  auto store = at.store();
  auto file = store.target("in/x", if_exists::replace);
  REQUIRE(file->create({roots_transfer, 1, 0, 06777}));
  REQUIRE(file->publish());
  ::umask(before);
  struct stat found {};
  REQUIRE(::stat((at.data / "in/x").c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0640);
}
