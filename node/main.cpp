#include "node/base/job_fence.hpp"
#include "node/base/nearest_name.hpp"
#include "node/base/printing.hpp"
#include "node/base/version.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/completion.hpp"
#include "node/commands/program_words.hpp"
#include "node/commands/subcommand.hpp"
#include "node/requests/verbs.hpp"

#include <csignal>
#include <iostream>
#include <optional>
#include <span>
#include <string>

namespace {

/// The word where a command stands, if it is none: what to say about it.
std::optional<std::string> mistyped(const CLI::App& app, std::span<char*> words) {
  if (words.empty() || *words.front() == '-' || app.get_require_subcommand_min() == 0) return {};
  if (const auto* part = hublink::find_subcommand(app, words.front()))
    return mistyped(*part, words.subspan(1));
  return hublink::no_such_command(words.front(), hublink::subcommand_names(app), "see hublink --help");
}

/// The words that the command takes nowhere, as they stand there.
std::string not_expected(const CLI::App& app) {
  const auto* verb = &app;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  std::vector<std::string> names;
  for (const auto* option : verb->get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  constexpr bool of_subcommands = true;
  auto words = app.remaining(of_subcommands);
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  text += words.size() == 1 ? " is not expected" : " are not expected";
  std::vector<std::string_view> known(names.begin(), names.end());
  if (auto near = hublink::nearest_name(words.front(), known))
    text.append(" (did you mean ").append(*near).append("?)");
  return text;
}

/// What its help says about managers, where a running node serves it.
std::string at_manager(const hublink::verb& served) {
  std::string text{"At a logged-in manager: "};
  text.append(to_string(served.scope)).append("; the account needs the right ");
  return text.append(to_string(*served.takes.needed)).append(".");
}

void add(CLI::App& app, const hublink::command_row& row, const std::vector<std::string>& program, int& exit) {
  auto& verb = *app.add_subcommand(std::string{row.name}, row.does);
  if (row.set_up_program)
    row.set_up_program(verb, program, exit);
  else
    row.set_up(verb, exit);
  auto* served = hublink::find_verb(row.name);
  auto footer = verb.get_footer();
  if (!footer.empty()) footer += "\n\n";
  footer += hublink::examples_text(row);
  if (served && served->scope != hublink::verb_scope::here) footer += at_manager(*served);
  verb.footer(footer);
}

/// `help VERB` is `VERB --help`.
void turn_help(std::vector<std::string>& line) {
  if (line.empty() || line.front() != "help") return;
  line.erase(line.begin());
  line.push_back("--help");
}

/// How many words of the line are hublink's; the others are those of a program that it runs.
std::size_t own_words(const CLI::App& app, std::span<char*> words, std::vector<std::string>& program) {
  if (words.empty()) return 0;
  for (const auto* row : hublink::commands) {
    if (!row->set_up_program || row->name != words.front()) continue;
    auto parts = hublink::part_words(*app.get_subcommand(std::string{row->name}), words.subspan(1));
    program.assign(parts.program.begin(), parts.program.end());
    return 1 + parts.own.size();
  }
  return words.size();
}

} // namespace

int main(int argc, char** argv) {
  if (std::span words(argv, argc); hublink::job_fence::is_asked(words))
    return hublink::job_fence::become_job(words);
  // splice(2) and TLS writes to a peer that went away must be errors, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"hublink moves files and TCP/UDP applications across network segments, hop by hop"};
  app.require_subcommand(1);
  app.set_version_flag("--version", hublink::version_text());
  app.footer("Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 timed out waiting, 4 not reachable, "
             "5 refused, 6 partial, 7 cancelled, 8 no space.");
  int exit = 0;
  std::vector<std::string> program;
  for (const auto* row : hublink::commands) add(app, *row, program, exit);
  std::vector<std::string> line(argv + 1, argv + argc);
  if (hublink::completion_is_asked(line)) return hublink::complete_line(app, line);
  turn_help(line);
  std::vector<char*> pointers;
  for (auto& word : line) pointers.push_back(word.data());
  std::span words{pointers};
  words = words.first(own_words(app, words, program));
  if (auto mistake = mistyped(app, words)) {
    hublink::print(std::cerr, "{}\n", *mistake);
    return 2;
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend()); // as CLI11 takes them
    app.parse(reversed);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& wrong) {
    bool has_verb = !words.empty() && *words.front() != '-';
    auto of = has_verb ? " " + std::string{words.front()} : std::string{};
    auto what = dynamic_cast<const CLI::ExtrasError*>(&wrong) ? not_expected(app) : wrong.what();
    hublink::print(std::cerr, "hublink: {}; see hublink{} --help\n", what, of);
    return 2;
  }
  return exit;
}
