#include "node/gateway/socks_users.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace hublink;

namespace {

std::string why_not(std::string_view text) {
  auto read = socks_users::parse(text, "socks.users");
  return read ? "" : read.error().text;
}

} // namespace

TEST_CASE("users of the SOCKS listener, a line each") {
  auto users = socks_users::parse("anna:geheim:doppelt\n\nbert:x", "socks.users");
  REQUIRE(users);
  CHECK(users->check("anna", "geheim:doppelt"));
  CHECK(users->check("bert", "x"));
  CHECK_FALSE(users->check("anna", "x"));
  CHECK_FALSE(users->check("", ""));
  CHECK(socks_users::parse(std::string(255, 'u') + ":" + std::string(255, 'p'), "socks.users"));
}

TEST_CASE("a file of users that does not fit demands no less than one that does: it is refused") {
  struct row {
    std::string text;
    const char *line, *what;
  };
  auto each = GENERATE(
      row{"", "names nobody", "remove the file"}, row{"\n\n", "names nobody", "add user:password"},
      row{"anna", "line 1", "is no user:password"}, row{"anna:x\n:y", "line 2", "is no user:password"},
      row{"anna:", "line 1", "is no user:password"},
      row{"anna:x\n" + std::string(256, 'u') + ":x\n", "line 2", "1 to 255 bytes"},
      row{"anna:" + std::string(256, 'p'), "line 1", "1 to 255 bytes"},
      row{"anna:x\nbert:y\nanna:z\n", "line 3", "is there already"},
      row{"anna:x\r\nbert:y\r\n", "line 1", "control character"},
      row{std::string("anna:x\0y", 8), "line 1", "control character"});
  CAPTURE(each.text);
  auto why = why_not(each.text);
  CHECK_THAT(why,
             Catch::StartsWith("socks.users") && Catch::Contains(each.line) && Catch::Contains(each.what));
}

TEST_CASE("what stands in the place of the file, and can't be read, is no missing file") {
  auto folder = std::filesystem::temp_directory_path() / ("socks-users-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  auto file = folder / "socks.users";
  CHECK(socks_users::load(folder.string())->empty());
  std::filesystem::create_symlink(folder / "elsewhere", file); // which is not mounted yet
  CHECK_FALSE(socks_users::load(folder.string()));
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK_FALSE(socks_users::load(folder.string()));
  std::filesystem::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(socks_users::load(folder.string())); // nor is it waited for
  std::filesystem::remove(file);
  std::ofstream{file} << "anna:x\n";
  std::filesystem::permissions(file, std::filesystem::perms{0640});
  CHECK_FALSE(socks_users::load(folder.string()));
  std::filesystem::permissions(file, std::filesystem::perms{0600});
  CHECK(socks_users::load(folder.string())->check("anna", "x"));
  std::filesystem::remove_all(folder);
}
