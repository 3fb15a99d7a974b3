#include "node/commands/commands.hpp"
#include "node/commands/transfer_verb.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

void set_up_request(CLI::App& verb, int& exit) {
  struct request_options {
    transfer_call call;
    std::string file, at;
    bool resend = false;
  };
  auto options = std::make_shared<request_options>();
  verb.add_option("FILE", options->file, "file ID, as the topology names it")->required();
  verb.add_flag("--resend", options->resend,
                "go on with the last transfer if it broke off, else send it again");
  verb.add_option("--at", options->at, "at a manager: the client that shall ask")->type_name("CLIENT");
  add_transfer_options(verb, options->call);
  verb.callback([options, &exit] {
    exit = run_transfer_call(options->call, {{"verb", "request"},
                                             {"file", options->file},
                                             {"at", options->at},
                                             {"resend", options->resend},
                                             {"wait", options->call.wait}});
  });
}

} // namespace hublink
