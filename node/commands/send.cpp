#include "node/commands/commands.hpp"
#include "node/commands/transfer_verb.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

void set_up_send(CLI::App& verb, int& exit) {
  struct send_options {
    transfer_call call;
    std::string file;
  };
  auto options = std::make_shared<send_options>();
  verb.add_option("FILE", options->file, "file ID, as the topology names it")->required();
  add_transfer_options(verb, options->call);
  verb.callback([options, &exit] {
    exit = run_transfer_call(options->call,
                             {{"verb", "send"}, {"file", options->file}, {"wait", options->call.wait}});
  });
}

constexpr std::array send_examples{
    command_example{"hublink send FILE01 --wait --data HOST1", "exit 0: the receiver has it"},
    command_example{"hublink send FILE01 --data MGR", "at a logged-in manager: its client sends it"},
};

} // namespace

constinit const command_row send_command{
    .name = "send",
    .does = "send a file by this client's own definition, or at a manager let its client send it; prints the "
            "transfer's id",
    .set_up = set_up_send,
    .examples = send_examples};

} // namespace hublink
