#include "node/commands/commands.hpp"
#include "node/commands/transfer_verb.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

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

constexpr std::array request_examples{
    command_example{"hublink request FILE01 --wait --data HOST2", "the source is asked to send it"},
};

} // namespace

constinit const command_row request_command{
    .name = "request",
    .does = "ask the source to send a file that this client receives; prints the transfer's id",
    .set_up = set_up_request,
    .examples = request_examples};

} // namespace hublink
