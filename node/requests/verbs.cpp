#include "node/requests/verbs.hpp"
#include "node/base/nearest_name.hpp"
#include "node/requests/account_requests.hpp"
#include "node/requests/definition_requests.hpp"
#include "node/requests/enrolment_requests.hpp"
#include "node/requests/event_requests.hpp"
#include "node/requests/gateway_requests.hpp"
#include "node/requests/metrics_requests.hpp"
#include "node/requests/node_requests.hpp"
#include "node/requests/session_requests.hpp"
#include "node/requests/store_requests.hpp"
#include "node/requests/token_requests.hpp"
#include "node/requests/topology_requests.hpp"
#include "node/requests/transfer_requests.hpp"

#include <algorithm>

namespace hublink {

std::string_view to_string(verb_scope where) {
  switch (where) {
  case verb_scope::here:
    return "at the manager itself";
  case verb_scope::here_or_server:
    return "at the manager itself, or at the server that --at names";
  case verb_scope::here_or_node:
    return "at the manager itself, or at the node that --at names";
  case verb_scope::client:
    return "at the client that --at names";
  case verb_scope::sender_of_file:
    return "at the client that sends the file";
  case verb_scope::sender_of_transfer:
    return "at the client that sends the transfer";
  case verb_scope::server:
    return "at the server that --at names";
  case verb_scope::servers:
    return "at every server, or at the one that --at names";
  case verb_scope::network:
    break;
  }
  return "at every server and client";
}

const std::vector<verb>& verbs() {
  static const auto all = [] {
    std::vector<verb> rows;
    for (auto group : {transfer_verbs(), store_verbs(), node_verbs(), gateway_verbs(), event_verbs(),
                       session_verbs(), definition_verbs(), enrolment_verbs(), topology_verbs(),
                       account_verbs(), token_verbs(), metrics_verbs()})
      rows.insert(rows.end(), group.begin(), group.end());
    return rows;
  }();
  return all;
}

const verb* find_verb(std::string_view name) {
  const auto& all = verbs();
  auto found = std::find_if(all.begin(), all.end(), [&](const verb& row) { return row.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string no_such_verb(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& row : verbs()) names.push_back(row.name);
  return no_such_command(name, names);
}

} // namespace hublink
