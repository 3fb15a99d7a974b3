#include "node/accounts/accounts.hpp"
#include "node/accounts/password_stretcher.hpp"
#include "node/control/record_json.hpp"
#include "node/requests/serve_request.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <unistd.h>

using namespace hublink;
using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

namespace {

const scram::key no_password{};

struct fixture {
  fixture() { open(); }
  ~fixture() {
    made.reset();
    std::filesystem::remove_all(directory);
  }
  void open() {
    made.reset();
    auto opened =
        accounts::open(file(), [] { return std::chrono::system_clock::now(); }, {20ms, 200ms, 20ms});
    REQUIRE(opened);
    made = std::move(*opened);
    if (auto first = made->take_first_password(); !first.view().empty()) first_password = first.view();
  }
  std::filesystem::path file() const { return directory / "journal.sqlite"; }

  account_store::checked_by begin(const std::string& name) {
    std::promise<account_store::checked_by> known;
    made->begin_login(name, [&](const outcome<account_store::checked_by>& got) { known.set_value(*got); });
    return known.get_future().get();
  }
  std::future<outcome<account>> finish(const std::string& name, const account_store::checked_by& known,
                                       const scram::key& salted, const std::string& from = "MGR") {
    scram::client asking{name, std::string(16, 'c'), {}};
    scram::server answering{*scram::greeting::read(asking.first()), known.keys, std::string(16, 's'), {}};
    REQUIRE(asking.read_first(answering.first()));
    auto right = [answering, proof = asking.final(salted)] { return answering.prove(proof).has_value(); };
    auto result = std::make_shared<std::promise<outcome<account>>>();
    made->finish_login({name, from, known.epoch, right}, [result](const outcome<account_row>& got) {
      result->set_value(got ? outcome<account>{got->who} : outcome<account>{got.error()});
    });
    return result->get_future();
  }
  std::future<outcome<account>> login(const std::string& name, std::string typed,
                                      const std::string& from = "MGR") {
    auto known = begin(name);
    return finish(name, known, *stretch(secret{std::move(typed)}, known.keys.recipe), from);
  }
  /// A wrong password, without the work of making a key of it.
  std::future<outcome<account>> guess(const std::string& name, const std::string& from = "EVIL") {
    return finish(name, begin(name), no_password, from);
  }

  outcome<json> ask(const json& request, std::shared_ptr<const account> giver = {}) {
    control_services services;
    services.self = self;
    services.users = made.get();
    services.user = std::move(giver);
    auto line = std::make_shared<std::promise<std::string>>();
    auto actor = serve_line(system, services, request.dump(),
                            [line](std::string text, bool) { line->set_value(std::move(text)); });
    auto answer = json::parse(line->get_future().get());
    if (auto why = failure_in(answer, self->node)) return *why;
    return answer;
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  live_definition self = [] {
    auto server = std::make_shared<definition>();
    server->node = "ServerA";
    return live_definition{std::move(server)};
  }();
  std::filesystem::path directory = [] {
    char name[] = "/tmp/hublink-accounts.XXXXXX";
    return std::filesystem::path{::mkdtemp(name)};
  }();
  std::unique_ptr<accounts> made;
  std::string first_password;
};

} // namespace

TEST_CASE("a server without accounts makes the first one, once") {
  fixture on;
  CHECK(on.first_password.size() == 20);
  auto admin = on.login("admin", on.first_password).get();
  REQUIRE(admin);
  CHECK(to_text(admin->rights) == "view,transfer,manage,users");
  auto first = std::exchange(on.first_password, {});
  on.open();
  CHECK(on.first_password.empty());
  CHECK(on.login("admin", first).get());
}

TEST_CASE("accounts are made, changed, listed and removed") {
  fixture on;
  REQUIRE(on.ask({{"verb", "users-add"},
                  {"user", "anna"},
                  {"password", "correct horse"},
                  {"rights", "view,transfer"},
                  {"transfers", {"FILE01"}}}));
  auto anna = on.login("anna", "correct horse").get();
  REQUIRE(anna);
  CHECK(anna->files == std::set<std::string>{"FILE01"});
  REQUIRE(on.ask({{"verb", "users-passwd"}, {"user", "anna"}, {"password", "battery staple"}}));
  CHECK_FALSE(on.login("anna", "correct horse").get());
  CHECK(on.login("anna", "battery staple").get());
  auto listed = on.ask({{"verb", "users-list"}});
  REQUIRE(listed);
  CHECK((*listed)["users"].size() == 2);
  CHECK((*listed)["users"][1]["rights"] == json{"view", "transfer"});
  for (auto secret : {"salt", "stored", "argon2"}) CHECK((*listed).dump().find(secret) == std::string::npos);
  REQUIRE(on.ask({{"verb", "users-set"}, {"user", "anna"}, {"rights", "view"}}));
  auto changed = on.login("anna", "battery staple").get();
  REQUIRE(changed);
  CHECK(to_text(changed->rights) == "view");
  CHECK(changed->files == std::set<std::string>{"FILE01"});
  REQUIRE(on.ask({{"verb", "users-set"}, {"user", "anna"}, {"transfers", json::array()}}));
  CHECK(on.login("anna", "battery staple").get()->files.empty());
  REQUIRE(on.ask({{"verb", "users-remove"}, {"user", "anna"}}));
  CHECK_FALSE(on.login("anna", "battery staple").get());
}

TEST_CASE("what makes no sense is refused") {
  fixture on;
  auto code_of = [&](const json& request) { return on.ask(request).error().code; };
  CHECK(code_of({{"verb", "users-add"}, {"user", "a b"}, {"password", "long enough"}, {"rights", "view"}}) ==
        errc::bad_config);
  CHECK(code_of({{"verb", "users-add"}, {"user", "anna"}, {"password", "short"}, {"rights", "view"}}) ==
        errc::bad_config);
  CHECK(code_of({{"verb", "users-add"}, {"user", "anna"}, {"password", "long enough"}, {"rights", "all"}}) ==
        errc::bad_config);
  CHECK(
      code_of({{"verb", "users-add"}, {"user", "admin"}, {"password", "long enough"}, {"rights", "view"}}) ==
      errc::bad_config);
  CHECK(code_of({{"verb", "users-remove"}, {"user", "nobody"}}) == errc::bad_config);
  CHECK(code_of({{"verb", "users-remove"}, {"user", "admin"}}) == errc::bad_config); // the last one
  CHECK(code_of({{"verb", "users-add"}, {"user", 7}, {"transfers", "x"}}) == errc::bad_config);
  CHECK(code_of({{"verb", "users-set"}, {"user", "admin"}, {"rights", "view"}}) == errc::bad_config);
  CHECK(code_of({{"verb", "users-set"}, {"user", "admin"}, {"transfers", {"FILE01"}}}) == errc::bad_config);
  CHECK(code_of({{"verb", "users-set"}, {"user", "nobody"}, {"rights", "view"}}) == errc::bad_config);
}

TEST_CASE("a wrong name and a wrong password look the same, and are counted") {
  fixture on;
  auto wrong = on.login("admin", "not this one").get(), unknown = on.login("nobody", "not this one").get();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error() == unknown.error());
  CHECK(wrong.error().code == errc::not_authenticated);
  CHECK((*on.ask({{"verb", "users-list"}}))["users"][0]["failures"] == 1);
  auto audit = on.ask({{"verb", "audit"}});
  REQUIRE(audit);
  CHECK((*audit)["audit"][0]["result"] == "not-authenticated");
  CHECK((*audit)["audit"][0]["from"] == "MGR");
  CHECK(on.login("admin", on.first_password).get());
  CHECK((*on.ask({{"verb", "users-list"}}))["users"][0]["failures"] == 0);
}

TEST_CASE("what a login begins with says nothing about who has an account") {
  fixture on;
  auto before = on.begin("anna").keys.recipe;
  CHECK(on.begin("anna").keys.recipe == before);
  CHECK(on.begin("berta").keys.recipe.salt != before.salt);
  const json add{{"verb", "users-add"}, {"user", "anna"}, {"password", "correct horse"}, {"rights", "view"}};
  const json change{{"verb", "users-passwd"}, {"user", "anna"}, {"password", "correct horse"}};
  for (const auto& step : {add, change, json{{"verb", "users-remove"}, {"user", "anna"}}}) {
    CAPTURE(step.dump());
    REQUIRE(on.ask(step));
    CHECK(on.begin("anna").keys.recipe == before);
  }
  on.open();
  CHECK(on.begin("anna").keys.recipe == before);
  fixture other;
  CHECK(other.begin("anna").keys.recipe.salt != before.salt);
}

TEST_CASE("1,000 wrong passwords at once slow no user of another manager down") {
  fixture on;
  auto timed = [&] {
    auto began = std::chrono::steady_clock::now();
    CHECK(on.login("admin", on.first_password).get());
    return std::chrono::steady_clock::now() - began;
  };
  auto alone = timed();
  std::vector<std::future<outcome<account>>> guesses;
  for (int i = 0; i < 1'000; ++i) guesses.push_back(on.guess("user" + std::to_string(i)));
  CHECK_FALSE(guesses.front().get());
  for (int i = 0; i < 3; ++i) CHECK(timed() < 5 * alone + 500ms);
  CHECK(guesses.back().wait_for(0s) == std::future_status::timeout);
}

TEST_CASE("a login waits for no guess, from however many managers") {
  fixture on;
  std::vector<std::string> evil;
  for (int i = 0; i < 12; ++i) evil.push_back("EVIL" + std::to_string(i));
  for (int i = 0; i < login_standing::allowed + 1; ++i) { // now they are known
    std::vector<std::future<outcome<account>>> first;
    for (const auto& from : evil) first.push_back(on.guess("first" + std::to_string(i), from));
    for (auto& guess : first) CHECK_FALSE(guess.get());
  }
  auto key = *stretch(secret{std::string{on.first_password}}, on.begin("admin").keys.recipe);
  std::vector<std::future<outcome<account>>> guesses;
  for (const auto& from : evil) guesses.push_back(on.guess("somebody", from));
  REQUIRE(on.finish("admin", on.begin("admin"), key).get());
  auto done = std::count_if(guesses.begin(), guesses.end(),
                            [](auto& guess) { return guess.wait_for(0s) == std::future_status::ready; });
  CHECK(done < int(evil.size()) / 2); // in turn with them, it would be all
  for (auto& guess : guesses) CHECK_FALSE(guess.get());
}

TEST_CASE("who is changed while he logs in does not get in") {
  fixture on;
  auto known = on.begin("admin");
  auto key = *stretch(secret{std::string{on.first_password}}, known.keys.recipe);
  REQUIRE(on.ask({{"verb", "users-passwd"}, {"user", "admin"}, {"password", "battery staple"}}));
  CHECK_FALSE(on.finish("admin", known, key).get());
  auto later = on.begin("admin");
  REQUIRE(
      on.ask({{"verb", "users-add"}, {"user", "other"}, {"password", "correct horse"}, {"rights", "users"}}));
  REQUIRE(on.ask({{"verb", "users-remove"}, {"user", "admin"}}));
  REQUIRE(
      on.ask({{"verb", "users-add"}, {"user", "admin"}, {"password", "battery staple"}, {"rights", "view"}}));
  auto same_password = *stretch(secret{std::string{"battery staple"}}, later.keys.recipe);
  CHECK_FALSE(on.finish("admin", later, same_password, "OTHER").get()); // it is another account
  CHECK(on.login("admin", "battery staple", "THIRD").get());
}

TEST_CASE("who watches an account hears of its change, once") {
  fixture on;
  for (json change : {json{{"verb", "users-passwd"}, {"password", "battery staple"}},
                      json{{"verb", "users-set"}, {"rights", "view"}}, json{{"verb", "users-remove"}}}) {
    REQUIRE(
        on.ask({{"verb", "users-add"}, {"user", "anna"}, {"password", "correct horse"}, {"rights", "view"}}));
    auto heard = std::make_shared<std::promise<failure>>();
    accounts::watch held;
    std::promise<void> watching;
    on.made->work([&](account_store&) {
      held = on.made->when_changed("anna", [heard](const failure& why) { heard->set_value(why); });
      watching.set_value();
    });
    watching.get_future().get();
    change["user"] = "anna";
    REQUIRE(on.ask(change));
    auto why = heard->get_future().get();
    CHECK(why.code == errc::not_authenticated);
    CHECK(why.text.find("anna") != std::string::npos);
    on.ask({{"verb", "users-remove"}, {"user", "anna"}});
  }
}

TEST_CASE("an account gives nobody more than it has, and in a session no password") {
  fixture on;
  REQUIRE(on.ask(
      {{"verb", "users-add"}, {"user", "boss"}, {"password", "correct horse"}, {"rights", "view,users"}}));
  auto boss = std::make_shared<const account>(account{"boss", {right::view, right::users}, {}});
  auto keys = json{{"stored", std::string(64, 'a')}, {"server", std::string(64, 'b')}};
  auto code_of = [&](const json& request) {
    auto done = on.ask(request, boss);
    return done ? std::nullopt : std::optional{done.error().code};
  };
  CHECK(code_of({{"verb", "users-add"}, {"user", "a"}, {"rights", "view,transfer"}, {"keys", keys}}) ==
        errc::not_authorised);
  CHECK(code_of({{"verb", "users-passwd"}, {"user", "admin"}, {"keys", keys}}) == errc::not_authorised);
  CHECK(code_of({{"verb", "users-remove"}, {"user", "admin"}}) == errc::not_authorised);
  CHECK(code_of({{"verb", "users-set"}, {"user", "admin"}, {"rights", "view"}}) == errc::not_authorised);
  CHECK(code_of({{"verb", "users-set"}, {"user", "boss"}, {"rights", "view,users,manage"}}) ==
        errc::not_authorised);
  CHECK(code_of({{"verb", "users-add"}, {"user", "a"}, {"rights", "view"}, {"password", "correct horse"}}) ==
        errc::bad_config);
  CHECK(code_of({{"verb", "users-add"}, {"user", "a"}, {"rights", "view"}, {"keys", {{"stored", "ab"}}}}) ==
        errc::bad_config);
  CHECK_FALSE(code_of({{"verb", "users-add"}, {"user", "a"}, {"rights", "view"}, {"keys", keys}}));
  CHECK_FALSE(code_of({{"verb", "users-remove"}, {"user", "a"}}));
}

TEST_CASE("accounts of before log in as they did, and nothing that logs in is left of them") {
  fixture on;
  on.made.reset();
  std::filesystem::remove_all(on.directory);
  std::filesystem::create_directory(on.directory);
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  const std::string typed = "correct horse battery";
  REQUIRE(crypto_pwhash_str(hash.data(), typed.data(), typed.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0);
  hash.resize(hash.find('\0'));
  {
    SQLite::Database old{on.file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    old.exec("CREATE TABLE accounts (name TEXT PRIMARY KEY, password TEXT NOT NULL, rights TEXT NOT NULL, "
             "files TEXT "
             "NOT NULL, made_ms INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID");
    old.exec("CREATE TABLE audit (number INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, came_from TEXT NOT "
             "NULL, user "
             "TEXT NOT NULL, command TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL)");
    old.exec("INSERT INTO audit VALUES (1, 1000, 'MGR', 'op', 'send', 'FILE01', 'ok')");
    SQLite::Statement row{old, "INSERT INTO accounts VALUES ('op', ?, 'view,users', '[]', 5000, 2)"};
    row.bind(1, hash);
    row.exec();
  }
  on.open();
  auto op = on.login("op", typed).get();
  REQUIRE(op);
  CHECK(to_text(op->rights) == "view,users");
  CHECK_FALSE(on.login("op", "another one").get());
  auto listed = *on.ask({{"verb", "users-list"}});
  CHECK(listed["users"].size() == 1);
  CHECK(listed["users"][0]["made"] == "1970-01-01T00:00:05.000000Z");
  auto audit = *on.ask({{"verb", "audit"}});
  CHECK(audit["audit"].back()["detail"] == "FILE01");
  on.open();
  CHECK(on.login("op", typed).get());
  on.made.reset();
  for (const auto& part : std::filesystem::directory_iterator{on.directory}) {
    std::ifstream in{part.path(), std::ios::binary};
    std::string content{std::istreambuf_iterator<char>{in}, {}};
    CAPTURE(part.path());
    CHECK(content.find(hash.substr(hash.rfind('$'))) == std::string::npos);
  }
}

TEST_CASE("guessing gets slower, and slows nobody else down") {
  fixture on;
  auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) CHECK_FALSE(on.guess("admin").get());
  CHECK(std::chrono::steady_clock::now() - began >= 20ms + 40ms + 80ms + 160ms);
  auto waits = on.guess("admin");
  auto again = on.guess("admin").get();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == errc::busy);
  auto key = *stretch(secret{std::string{on.first_password}}, on.begin("admin").keys.recipe);
  auto other = on.finish("admin", on.begin("admin"), key); // from elsewhere
  CHECK(other.get());
  CHECK_FALSE(waits.get());
}
