#include "node/process/node_directory.hpp"
#include "support/catch.hpp"

#include <fstream>

#include <unistd.h>

using namespace hublink;

namespace {

/// A folder that is not there yet, and is gone afterwards.
struct place {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("hublink-directory-test-" + std::to_string(::getpid()));
  ~place() { std::filesystem::remove_all(path); }
};

} // namespace

TEST_CASE("a node's directory is made, and is for one node at a time") {
  place at;
  {
    auto first = node_directory::claim(at.path / "deeper");
    REQUIRE(first);
    CHECK(std::filesystem::is_directory(at.path / "deeper"));
    CHECK(first->path() == at.path / "deeper");
    CHECK(first->journal_file() == at.path / "deeper" / "journal.sqlite");
    auto second = node_directory::claim(at.path / "deeper");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == errc::bad_config);
    CHECK_THAT(second.error().text, Catch::StartsWith("another node runs in ") &&
                                        Catch::EndsWith("deeper; choose another --data"));
    CHECK(node_directory::claim(at.path / "other"));
  }
  CHECK(node_directory::claim(at.path / "deeper"));
}

TEST_CASE("a directory is refused where others may write what the node believes") {
  place at;
  REQUIRE(node_directory::claim(at.path));
  auto refusal = [&] {
    auto claimed = node_directory::claim(at.path);
    REQUIRE_FALSE(claimed);
    CHECK(claimed.error().code == errc::bad_config);
    return claimed.error().text;
  };
  std::filesystem::permissions(at.path, std::filesystem::perms{0775});
  CHECK(refusal() == at.path.string() + " can be written by others: chmod go-w it");
  std::filesystem::permissions(at.path, std::filesystem::perms{01777}); // a fresh tmpfs
  CHECK(node_directory::claim(at.path));
  if (::geteuid() == 0) {
    std::filesystem::create_symlink("/etc/passwd", at.path / "hublink.log");
    REQUIRE(::lchown((at.path / "hublink.log").c_str(), 65534, 65534) == 0);
    CHECK_THAT(refusal(), Catch::Contains("hublink.log belongs to user 65534"));
    std::filesystem::remove(at.path / "hublink.log");
  }
  std::filesystem::permissions(at.path, std::filesystem::perms{0755});
  for (auto* name : {"local.json", "definition.signed", "journal.sqlite"}) {
    auto file = at.path / name;
    std::ofstream{file} << "{}";
    std::filesystem::permissions(file, std::filesystem::perms{0606});
    CHECK(refusal() == file.string() + " can be written by others: chmod go-w it");
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    if (::geteuid() == 0) {
      REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
      CHECK_THAT(refusal(), Catch::StartsWith(file.string() + " belongs to user 65534, and this is user 0"));
      REQUIRE(::chown(file.c_str(), 0, 0) == 0);
    }
    CHECK(node_directory::claim(at.path));
  }
}

TEST_CASE("a directory that can't be made says so") {
  auto made = node_directory::claim("/dev/null/node");
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::bad_config);
  CHECK_THAT(made.error().text, Catch::StartsWith("can't make /dev/null/node: "));
}
