#include "node/files/own_inodes.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include <sys/stat.h>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

struct own_place {
  own_place() {
    std::string name = (fs::temp_directory_path() / "hublink-own-XXXXXX").string();
    base = ::mkdtemp(name.data());
    data = base / "HOST1", keys = base / "keys";
    for (const auto& each : {data / "events", data / "in", keys}) fs::create_directories(each);
  }
  ~own_place() { fs::remove_all(base); }

  static inode at(const fs::path& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return inode_of(found);
  }
  static void put(const fs::path& path) { REQUIRE(std::ofstream{path}.put('x')); }

  fs::path base, data, keys;
};

/// Asked for so long that the kept answers are in use: no folder has changed of late.
void let_it_settle(own_inodes& own) {
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{30};
  while (std::chrono::steady_clock::now() < end) own.has({});
}

} // namespace

TEST_CASE("a node's own files are known at once, whatever was asked before") {
  own_place place;
  own_inodes own{place.data, place.keys};
  std::vector<fs::path> folders{place.data, place.data / "events", place.data / "in", place.keys};
  std::map<fs::path, bool> files; // and whether it is the node's own
  std::mt19937 random{20261130};
  for (int step = 0; step < 120; ++step) {
    if (step % 3 == 0) let_it_settle(own);
    const auto& folder = folders[random() % folders.size()];
    bool is_own_folder = folder != place.data && folder != place.data / "in";
    bool is_own_name = random() % 2;
    auto path = folder / ((is_own_name ? "journal" : "letter") + std::to_string(step));
    bool is_own = is_own_folder || (folder == place.data && is_own_name);
    if (files.empty() || random() % 4) {
      own_place::put(path);
      files[path] = is_own;
    } else { // another file comes in the place of one that is there
      auto replaced = std::next(files.begin(), random() % files.size());
      own_place::put(place.base / "fresh");
      fs::rename(place.base / "fresh", replaced->first);
    }
    for (const auto& [each, expected] : files) {
      INFO(each << " at step " << step);
      REQUIRE(own.has(own_place::at(each)) == expected);
    }
  }
}

TEST_CASE("a node's own files are known by every name, and its folders as they come and go") {
  own_place place;
  own_place::put(place.keys / "key.pem");
  own_inodes own{place.data, place.keys};
  fs::create_hard_link(place.keys / "key.pem", place.data / "in/innocent");
  fs::create_symlink(place.keys / "key.pem", place.data / "local.json");
  CHECK(own.has(own_place::at(place.data / "in/innocent")));
  CHECK(own.has(own_place::at(place.data / "local.json")));
  auto has_folder = [&](const fs::path& path) {
    return std::ranges::count(own.folders(), own_place::at(path)) > 0;
  };
  CHECK(has_folder(place.keys));
  CHECK(has_folder(place.data / "events"));
  CHECK_FALSE(has_folder(place.data / "in"));
  CHECK_FALSE(has_folder(place.data));
  let_it_settle(own);
  fs::create_directories(place.data / "spool");
  own_place::put(place.data / "spool/stored");
  CHECK(has_folder(place.data / "spool"));
  CHECK(own.has(own_place::at(place.data / "spool/stored")));
}

TEST_CASE("a node's own files are known to all that ask at once while others come") {
  own_place place;
  own_inodes own{place.data, place.keys};
  std::atomic<bool> over{false};
  std::vector<std::thread> others;
  for (int i = 0; i < 3; ++i)
    others.emplace_back([&] {
      while (!over) own.has({});
    });
  std::size_t missed = 0;
  for (int step = 0; step < 200; ++step) {
    auto path = place.data / "events" / std::to_string(step);
    own_place::put(path);
    missed += !own.has(own_place::at(path));
  }
  over = true;
  for (auto& each : others) each.join();
  CHECK(missed == 0);
}
