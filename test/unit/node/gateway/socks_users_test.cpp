/// socks.users: hashes and passwords, and what is refused in place of counting as no rule.
#include "node/gateway/socks_users.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

struct server_directory {
  fs::path path = fs::temp_directory_path() / ("hublink-socks-" + std::to_string(::getpid()));
  server_directory() { fs::create_directories(path); }
  ~server_directory() { fs::remove_all(path); }

  fs::path file() const { return path / "socks.users"; }
  void put(const std::string& text, unsigned mode = 0600) const {
    std::ofstream{file()} << text;
    fs::permissions(file(), fs::perms{mode});
  }
  std::string get() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

bool is_right(const socks_users& users, const std::string& user, std::string password) {
  return users.check(user, secret{std::move(password)});
}

std::string why_not(std::string_view text) {
  auto read = socks_users::parse(text, "socks.users");
  return read ? "" : read.error().text;
}

} // namespace

TEST_CASE("users with hashes, and with passwords as they are", "[socks]") {
  server_directory at;
  CHECK(socks_users::load(at.path)->empty());
  REQUIRE(socks_users::set(at.path, "anna", secret{"first password"}));
  REQUIRE(socks_users::set(at.path, "bert", secret{"with:colon"}));
  REQUIRE(socks_users::set(at.path, "anna", secret{"second password"}));
  CHECK(at.get().find("password") == std::string::npos);
  struct stat facts {};
  REQUIRE(::stat(at.file().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  std::ofstream{at.file(), std::ios::app} << "carl:in clear:too\n\n";

  auto users = socks_users::load(at.path);
  REQUIRE(users);
  CHECK(users->in_clear() == 1);
  CHECK(is_right(*users, "anna", "second password"));
  CHECK_FALSE(is_right(*users, "anna", "first password"));
  CHECK(is_right(*users, "bert", "with:colon"));
  CHECK(is_right(*users, "carl", "in clear:too"));
  CHECK_FALSE(is_right(*users, "carl", "in clear"));
  CHECK_FALSE(is_right(*users, "nobody", "second password"));
  auto hash = at.get().substr(5, at.get().find('\n') - 5);
  CHECK_FALSE(is_right(*users, "anna", hash)); // the file alone lets nobody in

  REQUIRE(socks_users::remove(at.path, "anna"));
  CHECK(socks_users::remove(at.path, "anna").error().code == errc::file_missing);
  REQUIRE(socks_users::remove(at.path, "carl"));
  CHECK_THAT(socks_users::remove(at.path, "bert").error().text, Catch::Contains("would have no user left"));
}

TEST_CASE("a file that can't be used lets nobody in", "[socks]") {
  server_directory at;
  auto refused = [&](const std::string& text, unsigned mode = 0600) {
    at.put(text, mode);
    auto users = socks_users::load(at.path);
    REQUIRE_FALSE(users);
    CHECK(users.error().code == errc::bad_config);
    return users.error().text;
  };
  CHECK_THAT(refused("anna:x\nbert\n"),
             Catch::EndsWith("socks.users, line 2: is no user:password, each of 1 to 255 bytes"));
  CHECK_THAT(refused(":x\n"), Catch::Contains("line 1"));
  CHECK_THAT(refused("anna:\n"), Catch::Contains("line 1"));
  CHECK_THAT(refused("anna:" + std::string(256, 'x') + "\n"), Catch::Contains("line 1"));
  CHECK_THAT(refused("anna:x\n", 0640), Catch::Contains("can be read by others"));
  CHECK_THAT(refused("anna:x\n", 0620), Catch::Contains("can be written by others"));
  at.put("anna:x\n");
  for (auto [user, password] :
       {std::pair{"a:b", "x"}, {"", "x"}, {"a", ""}, {"a", "x\ny"}, {"a", "$argon2id$x"}})
    CHECK_FALSE(socks_users::set(at.path, user, secret{password}));
  CHECK(at.get() == "anna:x\n");
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
      row{"anna:x\r\nbert:y\ry\r\n", "line 2", "control character"},
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
  CHECK(socks_users::load(folder)->empty());
  std::filesystem::create_symlink(folder / "elsewhere", file); // which is not mounted yet
  CHECK_FALSE(socks_users::load(folder));
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK_FALSE(socks_users::load(folder));
  std::filesystem::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(socks_users::load(folder)); // nor is it waited for
  std::filesystem::remove(file);
  std::ofstream{file} << "anna:x\n";
  std::filesystem::permissions(file, std::filesystem::perms{0640});
  CHECK_FALSE(socks_users::load(folder));
  std::filesystem::permissions(file, std::filesystem::perms{0600});
  CHECK(is_right(*socks_users::load(folder), "anna", "x"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("lines may end as editors of other systems end them", "[socks_users]") {
  auto read = socks_users::parse("anna:x\r\n\r\nbert:y", "socks.users");
  REQUIRE(read);
  CHECK(read->check("anna", secret{std::string("x")}));
  CHECK(read->check("bert", secret{std::string("y")}));
}
