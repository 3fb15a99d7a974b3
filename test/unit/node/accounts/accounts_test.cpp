#include "node/accounts/accounts.hpp"
#include "node/control/record_json.hpp"
#include "node/requests/serve_request.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <future>
#include <unistd.h>

using namespace hublink;
using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

namespace {

struct fixture {
  fixture() { open(); }
  ~fixture() {
    made.reset();
    std::filesystem::remove_all(directory);
  }
  void open() {
    made.reset();
    auto opened = accounts::open(directory / "journal.sqlite",
                                 [] { return std::chrono::system_clock::now(); }, {20ms, 200ms});
    REQUIRE(opened);
    made = std::move(*opened);
  }
  std::future<outcome<account>> login(const std::string& name, const std::string& password,
                                      const std::string& from = "MGR") {
    auto result = std::make_shared<std::promise<outcome<account>>>();
    auto future = result->get_future();
    made->login(name, password, from, [result](outcome<account> got) { result->set_value(std::move(got)); });
    return future;
  }
  outcome<json> ask(const json& request) {
    control_services services;
    services.self = self;
    services.users = made.get();
    std::promise<std::string> line;
    auto actor = serve_request(system, services, request,
                               [&](std::string text, bool) { line.set_value(std::move(text)); });
    auto answer = json::parse(line.get_future().get());
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
};

} // namespace

TEST_CASE("a server without accounts makes the first one, once") {
  fixture on;
  auto password = on.made->first_password();
  CHECK(password.size() == 20);
  auto admin = on.login("admin", password).get();
  REQUIRE(admin);
  CHECK(to_text(admin->rights) == "view,transfer,manage,users");
  on.open();
  CHECK(on.made->first_password().empty());
  CHECK(on.login("admin", password).get());
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
  CHECK((*listed).dump().find("argon2") == std::string::npos);
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
  CHECK(code_of({{"verb", "users-add"}, {"user", 7}, {"transfers", "x"}}) == errc::bad_message);
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
  CHECK(on.login("admin", on.made->first_password()).get());
  CHECK((*on.ask({{"verb", "users-list"}}))["users"][0]["failures"] == 0);
}

TEST_CASE("1,000 wrong passwords at once slow no user of another manager down") {
  fixture on;
  auto timed = [&] {
    auto began = std::chrono::steady_clock::now();
    CHECK(on.login("admin", on.made->first_password()).get());
    return std::chrono::steady_clock::now() - began;
  };
  auto alone = timed();
  std::vector<std::future<outcome<account>>> guesses;
  for (int i = 0; i < 1'000; ++i) guesses.push_back(on.login("user" + std::to_string(i), "a guess", "EVIL"));
  CHECK_FALSE(guesses.front().get());
  for (int i = 0; i < 3; ++i) CHECK(timed() < 5 * alone + 500ms); // two checks, and whatever the machine does
  CHECK(guesses.back().wait_for(0s) == std::future_status::timeout);
}

TEST_CASE("a login waits for no guess, from however many managers") {
  fixture on;
  std::vector<std::string> evil;
  for (int i = 0; i < 12; ++i) evil.push_back("EVIL" + std::to_string(i));
  for (int i = 0; i < login_standing::allowed + 1; ++i) { // now they are known
    std::vector<std::future<outcome<account>>> first;
    for (const auto& from : evil) first.push_back(on.login("first" + std::to_string(i), "a guess", from));
    for (auto& guess : first) CHECK_FALSE(guess.get());
  }
  std::vector<std::future<outcome<account>>> guesses;
  for (const auto& from : evil) guesses.push_back(on.login("somebody", "a guess", from));
  REQUIRE(on.login("admin", on.made->first_password()).get());
  auto done = std::count_if(guesses.begin(), guesses.end(),
                            [](auto& guess) { return guess.wait_for(0s) == std::future_status::ready; });
  CHECK(done < int(evil.size()) / 2); // in turn with them, it would be all
  for (auto& guess : guesses) CHECK_FALSE(guess.get());
}

TEST_CASE("who has a session waits for no password that others try") {
  fixture on;
  std::vector<std::future<outcome<account>>> guesses;
  for (int i = 0; i < 8; ++i) guesses.push_back(on.login("admin", "a guess", "EVIL" + std::to_string(i)));
  CHECK(on.ask({{"verb", "users-list"}}));
  CHECK(guesses.back().wait_for(0s) == std::future_status::timeout); // eight hashes are not done so soon
  for (auto& guess : guesses) CHECK_FALSE(guess.get());
}

TEST_CASE("a password that is changed while it is checked is the old one's end") {
  fixture on;
  auto first = on.made->first_password();
  REQUIRE(on.ask({{"verb", "users-passwd"}, {"user", "admin"}, {"password", "battery staple"}}));
  CHECK_FALSE(on.login("admin", first).get());
  auto late = on.login("admin", "battery staple");
  std::promise<void> changed;
  on.made->work([&](account_store& store) {
    auto hash = store.hash_of("admin");
    store.change_password("admin", "staple battery");
    CHECK_FALSE(store.settle("admin", hash, true));
    changed.set_value();
  });
  changed.get_future().get();
  late.wait();
  CHECK(on.login("admin", "staple battery", "OTHER").get());
}

TEST_CASE("guessing gets slower, and slows nobody else down") {
  fixture on;
  auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) CHECK_FALSE(on.login("admin", "guess " + std::to_string(i), "EVIL").get());
  CHECK(std::chrono::steady_clock::now() - began >= 20ms + 40ms + 80ms + 160ms);
  auto waits = on.login("admin", "one more", "EVIL");
  auto again = on.login("admin", "at the same time", "EVIL").get();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == errc::busy);
  CHECK(on.login("admin", on.made->first_password()).get()); // from elsewhere, while that one waits
  CHECK(waits.wait_for(0s) == std::future_status::timeout);
  CHECK_FALSE(waits.get());
}
