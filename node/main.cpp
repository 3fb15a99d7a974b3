#include "node/commands/commands.hpp"

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  // splice(2) and TLS writes to a peer that went away must be errors, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"hublink moves files and TCP/UDP applications across network segments, hop by hop"};
  app.require_subcommand(1);
  app.set_version_flag("--version", HUBLINK_VERSION);
  app.footer("Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 timed out waiting, 4 not reachable, "
             "5 refused, "
             "6 partial, 7 cancelled, 8 no space.");
  int exit = 0;
  hublink::add_check(app, exit);
  hublink::add_plan(app, exit);
  hublink::add_keys(app, exit);
  hublink::add_run(app, exit);
  hublink::add_send(app, exit);
  hublink::add_request(app, exit);
  hublink::add_login(app, exit);
  hublink::add_users(app, exit);
  hublink::add_audit(app, exit);
  hublink::add_apply(app, exit);
  hublink::add_ping(app, exit);
  hublink::add_steering(app, exit);
  hublink::add_store(app, exit);
  hublink::add_rate(app, exit);
  hublink::add_status(app, exit);
  hublink::add_transfers(app, exit);
  hublink::add_trace(app, exit);
  hublink::add_events(app, exit);
  hublink::add_history(app, exit);
  hublink::add_gateways(app, exit);
  hublink::add_streams(app, exit);
  hublink::add_wrap(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << "hublink: " << wrong.what() << "; see hublink --help\n";
    return 2;
  }
  return exit;
}
