#include "node/definition/definition_services.hpp"
#include "node/requests/verbs.hpp"
#include "protocol/definition/signed_status.hpp"
#include "protocol/trust/issuer.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

using namespace hublink;
using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

const trust::clock_time some_noon{std::chrono::hours{24 * 365 * 50}};
const validity some_days{some_noon - std::chrono::hours{24}, some_noon + std::chrono::hours{24}};

struct silent_log : event_log {
  void write(const transfer_id&, const event::any&) override {}
};

/// A manager who asked: HOST1 is at home at ServerA, HOST2 at ServerB.
struct asking_manager {
  asking_manager() {
    auto made = std::make_shared<definition>();
    made->node = "MGR";
    made->role = role::manager;
    made->directory.servers = {"ServerA", "ServerB"};
    made->directory.homes = {{"HOST1", "ServerA"}, {"HOST2", "ServerB"}};
    self.replace(std::move(made));
    services.self = self;
    services.definitions = &definitions;
  }
  ~asking_manager() { fs::remove_all(data); }

  std::shared_ptr<const identity> identity_of(const std::string& name, role holder) const {
    auto made = *issue(ca, name, holder, some_days);
    return *identity::make(made.cert_pem, made.key_pem);
  }
  /// A client's row as its server carries it.
  json row_of(const std::string& node, const std::shared_ptr<const identity>& signer,
              const std::string& answers) const {
    json row{{"node", node}, {"definition", {{"version", 7}}}};
    row["signed"] = to_hex(*sign_status(row.dump(), answers, *signer));
    return row;
  }
  /// What is shown, and who is missing, of what the servers answered.
  json join(const std::vector<json>& answers, const std::vector<std::string>& from) const {
    return find_verb("status")->join({services, request, answers, from, nonce});
  }

  certified_key ca = *make_ca("test", some_days);
  std::shared_ptr<trust> known = *trust::make(ca.cert_pem, *make_crl(ca, "", "", some_days));
  std::shared_ptr<const identity> own = identity_of("MGR", role::manager);
  fs::path data = fs::temp_directory_path() / ("hublink-proved." + std::to_string(::getpid()));
  live_definition self;
  silent_log events;
  known_newest newest{data, own, known, [] { return some_noon; }};
  definition_keeper keeper{self, data, known, newest, events, [] { return some_noon; }};
  revocations lists{known, "", data};
  definition_services definitions{keeper, newest, lists, own, known, [] { return some_noon; }};
  control_services services;
  json request{{"verb", "status"}};
  std::string nonce = std::string(status_nonce_size, 'a');
};

json answer_of(std::vector<json> rows) {
  json answer;
  answer["nodes"] = std::move(rows);
  return answer;
}

std::vector<std::string> names_in(const json& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.value("node", ""));
  return names;
}

} // namespace

TEST_CASE("a manager shows what clients signed, and what servers say of themselves") {
  asking_manager mgr;
  auto host = mgr.identity_of("HOST1", role::client);
  auto honest = mgr.row_of("HOST1", host, mgr.nonce);
  json server{{"node", "ServerA"}};
  auto shown = mgr.join({answer_of({honest, server})}, {"ServerA"});
  CHECK(names_in(shown["nodes"]) == std::vector<std::string>{"HOST1", "ServerA"});
  CHECK(shown["nodes"][0]["definition"]["version"] == 7);
  CHECK(shown["missing"].empty());
}

TEST_CASE("a server that makes up, alters, moves or repeats a client's status is not believed") {
  asking_manager mgr;
  auto host = mgr.identity_of("HOST1", role::client);
  auto honest = mgr.row_of("HOST1", host, mgr.nonce);
  auto altered = honest;
  altered["definition"]["version"] = 9;
  auto shown = mgr.join({answer_of({altered})}, {"ServerA"});
  CHECK(shown["nodes"][0]["definition"]["version"] == 7); // what was signed, not what is beside it

  auto unsigned_row = honest;
  unsigned_row.erase("signed");
  auto by_hub = mgr.row_of("HOST1", mgr.identity_of("ServerA", role::server), mgr.nonce);
  auto by_other = mgr.row_of("HOST1", mgr.identity_of("HOST2", role::client), mgr.nonce);
  auto repeated = mgr.row_of("HOST1", host, std::string(status_nonce_size, 'b'));
  auto of_another = honest;
  of_another["node"] = "HOST2";
  for (const auto& forged : {unsigned_row, by_hub, by_other, repeated, of_another}) {
    CAPTURE(forged.dump());
    auto seen = mgr.join({answer_of({forged})}, {"ServerA"});
    CHECK(seen["nodes"].empty());
    CHECK(names_in(seen["missing"]) == std::vector<std::string>{forged["node"]});
  }
  auto elsewhere = mgr.join({answer_of({honest})}, {"ServerB"}); // not its home
  CHECK(elsewhere["nodes"].empty());
  json other_server, status_alone;
  other_server["node"] = "ServerB";
  auto as_other_server = mgr.join({answer_of({other_server})}, {"ServerA"});
  CHECK(as_other_server["nodes"].empty());
  status_alone["status"] = honest;
  auto as_a_client = mgr.join({status_alone}, {"ServerA"});
  CHECK(as_a_client["nodes"].empty());
}
