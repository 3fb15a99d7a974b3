#include "node/accounts/token_store.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace hublink;

namespace {

struct token_folder {
  std::filesystem::path path;
  std::int64_t now = 1'000'000;

  token_folder() {
    char name[] = "/tmp/hublink-tokens.XXXXXX";
    path = ::mkdtemp(name);
  }
  ~token_folder() { std::filesystem::remove_all(path); }
  std::unique_ptr<token_store> open() {
    auto made = token_store::open(path, [this] { return now; });
    REQUIRE(made);
    return std::move(*made);
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream{path / "tokens"}.rdbuf();
    return all.str();
  }
};

token_row token_row_of(const std::string& name, std::int64_t until) {
  return {{name, {right::view, right::transfer}, {"FILE01"}}, "op", 0, until};
}

} // namespace

TEST_CASE("a token counts until its end, and its text is nowhere") {
  token_folder folder;
  std::string text;
  {
    auto tokens = folder.open();
    auto made = tokens->add(token_row_of("report", 2'000'000));
    REQUIRE(made);
    text = *made;
    CHECK(text.starts_with("hublink_"));
    CHECK_FALSE(tokens->add(token_row_of("report", 1)));
    CHECK_FALSE(tokens->check(text + "0"));
    CHECK_FALSE(tokens->check(""));
    CHECK_FALSE(tokens->check("hublink_" + std::string(64, '0')));
  }
  CHECK(folder.text().find(text.substr(8)) == std::string::npos);
  struct stat about {};
  REQUIRE(::stat((folder.path / "tokens").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  folder.now = 1'500'000;
  {
    auto tokens = folder.open();
    auto found = tokens->check(text);
    REQUIRE(found);
    CHECK(found->who.name == "report");
    CHECK(found->who.rights == std::set<right>{right::view, right::transfer});
    CHECK(found->who.files == std::set<std::string>{"FILE01"});
    CHECK(found->user == "op");
    CHECK(tokens->list().front().used_ms == folder.now);
    folder.now = 2'000'000;
    CHECK_FALSE(tokens->check(text));
  }
  auto tokens = folder.open();
  CHECK(tokens->find("report")->used_ms == 1'500'000);
  CHECK(*tokens->remove("report"));
  CHECK_FALSE(*tokens->remove("report"));
  CHECK(folder.open()->list().empty());
}

TEST_CASE("a file that is no list of tokens, or that others may write, is said") {
  token_folder folder;
  std::ofstream{folder.path / "tokens"} << "report 12\n";
  ::chmod((folder.path / "tokens").c_str(), 0600);
  auto damaged = token_store::open(folder.path, [] { return 0; });
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == errc::bad_config);
  ::chmod((folder.path / "tokens").c_str(), 0666);
  CHECK_FALSE(token_store::open(folder.path, [] { return 0; }));
}
