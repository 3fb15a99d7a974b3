#include "node/commands/commands.hpp"
#include "node/commands/transfer_verb.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

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

} // namespace hublink
