#include "node/accounts/password_stretcher.hpp"
#include "node/requests/scram_login.hpp"
#include "node/requests/session_commands.hpp"
#include "node/requests/user_session.hpp"
#include "node/requests/verbs.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <future>
#include <unistd.h>

using namespace hublink;
using namespace std::chrono_literals;
using json = nlohmann::ordered_json;

namespace {

struct spoken {
  json line;
  std::optional<failure> why;
};

/// A server with accounts, and nothing else of a node.
struct served {
  served() {
    auto opened =
        accounts::open(directory / "journal.sqlite", [] { return std::chrono::system_clock::now(); });
    REQUIRE(opened);
    users = std::move(*opened);
    commands.emplace(system, self, users.get(), directory, nullptr, nullptr);
    commands->serve({});
  }
  ~served() {
    users.reset();
    std::filesystem::remove_all(directory);
  }

  void add(const std::string& name, std::set<right> rights, std::set<std::string> files = {}) {
    change([&](account_store& store) {
      REQUIRE(store.add({name, std::move(rights), std::move(files)}, keys_of(store, name), 0));
    });
  }
  scram::verifier keys_of(account_store& store, const std::string& name) {
    return scram::make_verifier(store.recipe_of(name), key);
  }
  void change(const std::function<void(account_store&)>& how) {
    std::promise<void> done;
    users->work([&](account_store& store) {
      how(store);
      done.set_value();
    });
    done.get_future().get();
  }
  std::vector<audit_row> audit() {
    std::vector<audit_row> rows;
    change([&](account_store& store) { rows = store.audit(100); });
    return rows;
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  live_definition self = [] {
    auto server = std::make_shared<definition>();
    server->node = "ServerA";
    server->role = role::server;
    return live_definition{std::move(server)};
  }();
  std::filesystem::path directory = [] {
    char name[] = "/tmp/hublink-session.XXXXXX";
    return std::filesystem::path{::mkdtemp(name)};
  }();
  std::unique_ptr<accounts> users;
  std::optional<session_commands> commands;
  scram::key key{std::byte{5}}; ///< of everybody's password
};

struct manager_session {
  explicit manager_session(served& at, std::uint8_t link = 1) : at_(at) {
    up.peer = "MGR";
    up.peer_role = role::manager;
    up.binding.fill(std::byte(link));
    auto opened = at.commands->open(up, [this](const failure& why) { dismissed.set_value(why); });
    REQUIRE(opened);
    session = std::move(*opened);
  }

  std::future<spoken> give(const json& command) {
    auto answer = std::make_shared<std::promise<spoken>>();
    session->serve(command.dump(),
                   [answer](const std::string& line, bool last, const std::optional<failure>& why) {
                     if (last) answer->set_value({json::parse(line, nullptr, false), why});
                   });
    return answer->get_future();
  }
  spoken ask(const json& command) { return give(command).get(); }
  errc code_of(const json& command) {
    auto said = ask(command);
    if (said.why) return said.why->code;
    REQUIRE(said.line.contains("error"));
    return errc_from_string(said.line["error"]["code"].get<std::string>());
  }
  spoken login(const std::string& user) { return login(user, at_.key, up.binding); }
  spoken login(const std::string& user, const scram::key& salted, const link_binding& binding) {
    scram::client asking{user, std::string(16, 'c'), binding};
    auto first = ask({{"verb", "login"}, {"scram", asking.first()}});
    if (first.why) return first;
    REQUIRE(asking.read_first(first.line["scram"].get<std::string>()));
    auto last = ask({{"verb", "login"}, {"scram", asking.final(salted)}});
    if (!last.why) CHECK(asking.check(last.line["scram"].get<std::string>()));
    return last;
  }

  link_up up;
  std::promise<failure> dismissed;
  std::shared_ptr<command_session> session;

 private:
  served& at_;
};

} // namespace

// What a node's accounts do not come to any more before it ends would hold all that the session knows, the
// journal's actor with it: the node could not end.
TEST_CASE("a command that waits to be checked does not keep its session") {
  served at;
  at.add("op", {right::view});
  manager_session one{at};
  one.login("op");
  std::promise<void> begun, go_on;
  at.users->work([&](account_store&) {
    begun.set_value();
    go_on.get_future().wait();
  });
  begun.get_future().get();
  auto answer = one.give({{"verb", "status"}});
  std::weak_ptr<command_session> left = one.session;
  one.session.reset();
  CHECK(left.expired());
  go_on.set_value();
  at.change([](account_store&) {});
  CHECK_THROWS(answer.get()); // nobody is there who could have been told
}

TEST_CASE("a session serves who has proved his password, on this link, and nobody else") {
  served at;
  at.add("op", {right::users});
  manager_session one{at};
  CHECK(one.code_of({{"verb", "users-list"}}) == errc::not_authenticated);
  CHECK(one.code_of({{"verb", "login"}, {"user", "op"}, {"password", "correct horse"}}) == errc::bad_message);
  CHECK(one.code_of({{"verb", "login"}, {"scram", "n,,n=op,r=cccccccccccccccc"}}) == errc::bad_message);
  CHECK(one.code_of({{"verb", "login"}, {"scram", "c=x,r=y,p=z"}}) == errc::bad_message);
  CHECK(one.login("op", {}, one.up.binding).why->code == errc::not_authenticated);
  CHECK(one.login("op", at.key, {}).why->code == errc::not_authenticated); // bound to another link
  CHECK(one.login("nobody", at.key, one.up.binding).why->code == errc::not_authenticated);
  CHECK_FALSE(one.session->logged_in());
  CHECK_FALSE(one.login("op").why);
  CHECK(one.session->logged_in());
  CHECK(one.ask({{"verb", "users-list"}}).line["exit"] == 0);
  CHECK(one.login("op").why->code == errc::bad_message); // a session is one user's
}

TEST_CASE("a session ends when its account is not the one that logged in") {
  served at;
  auto how = GENERATE(0, 1, 2, 3);
  at.add("op", {right::view, right::users});
  manager_session one{at};
  CHECK_FALSE(one.login("op").why);
  auto waits = one.give({{"verb", "users-list"}}).get();
  CHECK(waits.line["exit"] == 0);
  at.change([&](account_store& store) {
    failure why{errc::not_authenticated, {}, "the account op was changed; log in again"};
    if (how == 0) CHECK(store.change_password("op", at.keys_of(store, "op")));
    if (how == 1) CHECK(store.change_rights({"op", {right::view, right::users}, {}}));
    if (how >= 2) CHECK(store.remove("op"));
    if (how == 3) CHECK(store.add({"op", {right::view, right::users}, {}}, at.keys_of(store, "op"), 0));
    if (how % 2 == 0) at.users->note_changed("op", why); // else the next command finds out
  });
  CHECK(one.code_of({{"verb", "users-list"}}) == errc::not_authenticated);
  auto why = one.dismissed.get_future().get();
  CHECK(why.code == errc::not_authenticated);
  CHECK(why.hop == "ServerA");
  CHECK_FALSE(one.session->logged_in());
  CHECK(one.code_of({{"verb", "users-list"}}) == errc::not_authenticated);
}

TEST_CASE("the audit trail says what each command was about and came to, refused ones too") {
  served at;
  at.add("low", {right::view, right::transfer}, {"FILE01"});
  at.add("op", {right::users});
  manager_session one{at}, other{at, 2};
  CHECK_FALSE(one.login("low").why);
  CHECK_FALSE(other.login("op").why);
  const std::string id = "0123456789abcdef0123456789abcdef";
  CHECK(one.code_of({{"verb", "send"}, {"file", "SECRET"}}) == errc::not_authorised);
  CHECK(one.code_of({{"verb", "hold"}, {"transfer", id}}) == errc::not_authorised);
  CHECK(one.code_of({{"verb", "send"}, {"file", "FILE01"}}) == errc::unknown_file); // a server sends nothing
  CHECK(one.code_of({{"verb", "dance"}}) == errc::not_authorised);
  CHECK(other.ask({{"verb", "users-set"}, {"user", "low"}, {"rights", "users"}}).line["exit"] == 5);
  auto rows = at.audit();
  REQUIRE(rows.size() == 8); // the oldest: the first account was made
  auto is = [&](std::size_t at, const char* command, const char* result, const char* file,
                const std::string& transfer) {
    const auto& row = rows[6 - at];
    CAPTURE(row.command, row.result, row.file, row.transfer);
    CHECK((row.command == command && row.result == result && row.file == file && row.transfer == transfer &&
           row.from == "MGR"));
  };
  is(0, "login", "ok", "", "");
  is(2, "send", "not-authorised", "SECRET", "");
  is(3, "hold", "not-authorised", "", id);
  is(4, "send", "unknown-file", "FILE01", "");
  is(5, "dance", "not-authorised", "", "");
  is(6, "users-set", "not-authorised", "", "");
  CHECK(rows[0].detail == "low");
}

TEST_CASE("what a client's home server passes on is what a session may give") {
  served at;
  auto client = std::make_shared<definition>();
  client->node = "HOST1";
  client->role = role::client;
  client->home = "ServerA";
  session_commands commands{at.system, live_definition{client}, nullptr, at.directory, nullptr, nullptr};
  commands.serve({});
  link_up up;
  up.peer = "ServerA";
  up.peer_role = role::server;
  failure dismissed;
  auto dismiss = [&dismissed](const failure& why) { dismissed = why; };
  auto opened = commands.open(up, dismiss);
  REQUIRE(opened);
  for (const auto& row : verbs()) {
    if (row.takes.needed) continue;
    CAPTURE(row.name);
    std::promise<std::optional<failure>> answer;
    (*opened)->serve(json{{"verb", row.name}}.dump(),
                     [&](const std::string&, bool last, const std::optional<failure>& why) {
                       if (last) answer.set_value(why);
                     });
    auto why = answer.get_future().get();
    REQUIRE(why);
    CHECK(why->code == errc::not_authorised);
  }
  up.peer = "ServerB";
  CHECK_FALSE(commands.open(up, dismiss));
}

TEST_CASE("a manager tells a server that has not proved itself nothing that logs in") {
  password_stretcher stretcher;
  auto user =
      make_logins("op", std::make_shared<const hublink::secret>(std::string{"correct horse"}), stretcher)();
  link_up up;
  up.peer = "ServerB";
  auto next = [](std::promise<outcome<std::optional<std::string>>>& into) {
    return [&into](outcome<std::optional<std::string>> line) { into.set_value(std::move(line)); };
  };
  std::promise<outcome<std::optional<std::string>>> said;
  SECTION("that speaks an earlier version") {
    up.version = 1;
    user->begin(up, next(said));
    auto line = said.get_future().get();
    REQUIRE_FALSE(line);
    CHECK(line.error().code == errc::bad_message);
  }
  SECTION("that lets anybody in, or can't be read") {
    user->begin(up, next(said));
    auto first = said.get_future().get();
    REQUIRE(first);
    CHECK((**first).find("correct") == std::string::npos);
    for (auto answer : {R"({"exit":0})", R"({"scram":"v=AAAA","exit":0})", "", "[[[[", R"({"scram":5})"}) {
      std::promise<outcome<std::optional<std::string>>> then;
      user->take(answer, next(then));
      CHECK_FALSE(then.get_future().get());
    }
  }
}
