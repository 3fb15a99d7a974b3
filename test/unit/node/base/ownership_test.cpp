#include "node/base/ownership.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include <sys/xattr.h>
#include <unistd.h>

using namespace hublink;

namespace {

struct listed_right {
  std::uint16_t tag, rights;
  std::uint32_t who;
};
constexpr std::uint32_t nobody_named = 0xffffffff;

/// A file with that mode.
class guarded_file {
 public:
  explicit guarded_file(mode_t mode) {
    std::string name = "/dev/shm/hublink-acl-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "key.pem";
    std::ofstream{path_} << "key";
    ::chmod(path_.c_str(), mode);
  }
  ~guarded_file() { std::filesystem::remove_all(folder_); }

  /// False: this file system has no lists.
  bool give(const std::vector<listed_right>& rights) {
    std::vector<char> raw(4 + rights.size() * sizeof(listed_right));
    std::uint32_t version = 2;
    std::memcpy(raw.data(), &version, sizeof version);
    std::memcpy(raw.data() + 4, rights.data(), rights.size() * sizeof(listed_right));
    return ::setxattr(path_.c_str(), "system.posix_acl_access", raw.data(), raw.size(), 0) == 0;
  }
  bool is_ours() const {
    struct stat facts {};
    REQUIRE(::stat(path_.c_str(), &facts) == 0);
    return is_ours_to_read(path_, facts);
  }

 private:
  std::filesystem::path folder_, path_;
};

} // namespace

TEST_CASE("a key is ours to read by its mode") {
  for (auto [mode, ours] : {std::pair<mode_t, bool>{0600, true},
                            {0400, true},
                            {0440, false},
                            {0640, false},
                            {0604, false},
                            {0620, false}})
    CHECK(guarded_file{mode}.is_ours() == ours);
}

TEST_CASE("a key is ours to read by an access control list, as a credential of systemd is") {
  auto me = std::uint32_t(::geteuid()), other = me + 4711;
  auto list = [](std::uint16_t group, std::uint32_t user, std::uint16_t others) {
    return std::vector<listed_right>{{0x01, 4, nobody_named},
                                     {0x02, 4, user},
                                     {0x04, group, nobody_named},
                                     {0x10, 4, nobody_named},
                                     {0x20, others, nobody_named}};
  };
  guarded_file file{0400};
  if (!file.give(list(0, me, 0))) return; // no lists here
  CHECK(file.is_ours());
  REQUIRE(file.give(list(0, other, 0)));
  CHECK_FALSE(file.is_ours());
  REQUIRE(file.give(list(4, me, 0)));
  CHECK_FALSE(file.is_ours());
  REQUIRE(file.give(list(0, me, 4)));
  CHECK_FALSE(file.is_ours());
}
