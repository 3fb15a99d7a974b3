#include "node/files/mount_table.hpp"
#include "support/catch.hpp"

#include <filesystem>

#include <unistd.h>

using namespace hublink;
namespace fs = std::filesystem;

TEST_CASE("mounts are read with what is escaped in them") {
  auto found = parse_mounts("22 1 8:1 / / rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
                            "30 22 0:44 /exports /mnt/a\\040b rw - nfs4 host:/exports rw\n"
                            "no mount\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].device == "8:1");
  CHECK(found[0].place == "/");
  CHECK(found[1].place == "/mnt/a b");
}

TEST_CASE("a path is on the file system that is mounted nearest above it") {
  mount_table table{"/"};
  CHECK(table.holder_of("/proc/self/status").place == "/proc");
  CHECK(table.holder_of("/proc").place == "/proc");
  CHECK(table.holder_of("/processes").place == "/");
  CHECK(table.holder_of("/proc/none/there").device == table.holder_of("/proc").device);
}

TEST_CASE("links of the node's own file system are followed, in a circle too") {
  auto base = fs::temp_directory_path() / ("hublink-mounts-" + std::to_string(::getpid()));
  fs::create_directories(base);
  fs::create_symlink("/proc/self", base / "away");
  fs::create_symlink("away", base / "twice");
  fs::create_symlink("circle", base / "circle");
  mount_table table{base.string()};
  CHECK(table.holder_of((base / "away/status").string()).place == "/proc");
  CHECK(table.holder_of((base / "twice/status").string()).place == "/proc");
  CHECK(table.holder_of((base / "circle/x").string()).device == table.holder_of(base.string()).device);
  fs::remove_all(base);
}
