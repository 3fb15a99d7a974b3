#include "node/commands/commands.hpp"
#include "node/commands/completion.hpp"
#include "node/commands/manual.hpp"
#include "node/commands/terminal.hpp"
#include "node/commands/transfer_choice.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstdlib>

using namespace hublink;
using Catch::Contains;

namespace {

/// The program's table of commands, as main has it.
struct whole_program {
  whole_program() {
    for (const auto* row : commands) {
      auto& verb = *app.add_subcommand(std::string{row->name}, row->does);
      if (row->set_up_program)
        row->set_up_program(verb, words, exit);
      else
        row->set_up(verb, exit);
    }
  }

  std::vector<std::string> after(std::vector<std::string> line) {
    return completions(app, line, [](const std::string& kind) {
      return kind == "FILE" ? std::vector<std::string>{"FILE01", "FILE02", "OTHER"}
                            : std::vector<std::string>{kind + "-1"};
    });
  }
  std::vector<std::string> words;
  int exit = 0;
  CLI::App app;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("a line is completed by what may stand next in it") {
  whole_program program;
  CHECK(program.after({""}).size() == commands.size());
  CHECK(program.after({"tran"}) == std::vector<std::string>{"transfers"});
  CHECK(program.after({"send", "FILE"}) == std::vector<std::string>{"FILE01", "FILE02"});
  CHECK(program.after({"send", "--data", "x", "O"}) == std::vector<std::string>{"OTHER"});
  CHECK(program.after({"send", "FILE01", ""}).empty());
  CHECK(has(program.after({"send", "--"}), "--wait"));
  CHECK(has(program.after({"send", "FILE01", "--ti"}), "--timeout"));
  CHECK(program.after({"send", "--data", ""}).empty()); // the shell's own names
  CHECK(program.after({"cancel", ""}) == std::vector<std::string>{"ID-1"});
  CHECK(program.after({"ping", ""}) == std::vector<std::string>{"HOST-1"});
  CHECK(has(program.after({"users", ""}), "add"));
  CHECK(has(program.after({"users", "add", "--"}), "--rights"));
  CHECK(program.after({"nonsense", ""}).empty());
  CHECK(program.after({}).size() == commands.size());
}

TEST_CASE("every command has examples, of itself") {
  for (const auto* row : commands) {
    INFO(row->name);
    CHECK(find_command(row->name) == row);
    CHECK_FALSE(row->examples.empty());
    for (const auto& each : row->examples) {
      const std::string line{each.line};
      CHECK_THAT(line, Contains("hublink " + std::string{row->name}));
      CHECK_THAT(examples_text(*row), Contains(line));
    }
  }
  CHECK_FALSE(find_command("nonsense"));
}

TEST_CASE("every command has a manual page with its options") {
  whole_program program;
  for (const auto* row : commands) {
    const auto& verb = *program.app.get_subcommand(std::string{row->name});
    auto page = command_page(verb);
    INFO(page);
    CHECK_THAT(page, Contains(".SH NAME") && Contains(".SH EXAMPLES") && Contains(".SH EXIT STATUS"));
    for (const auto* option : verb.get_options())
      for (const auto& name : option->get_lnames()) CHECK_THAT(page, Contains(roff_text("--" + name)));
  }
  CHECK_THAT(program_page(program.app), Contains("hublink\\-send"));
  CHECK(roff_text(".a\n'b-\\") == "\\&.a\n\\&'b\\-\\e");
}

TEST_CASE("a transfer is named by a part of its id") {
  const std::string id = "0199a1b2c3d4e5f60718293a4b5c6d7e";
  CHECK(short_id(id) == "e5f60718");
  CHECK(short_id("no id") == "no id");
  CHECK(names_transfer("0199", id));
  CHECK(names_transfer("e5f6", id));
  CHECK(names_transfer(id, id));
  CHECK_FALSE(names_transfer("f607", id));
}

TEST_CASE("a terminal shows local times, and leaves alone what is none") {
  ::setenv("TZ", "UTC-2", 1);
  ::tzset();
  CHECK(local_time("2026-01-31T23:30:00.000000Z") == "2026-02-01 01:30:00");
  CHECK(local_time("").empty());
  CHECK(local_time("soon") == "soon");
  CHECK(shown_time(terminal{}, "2026-01-31T23:30:00Z") == "2026-01-31T23:30:00Z");
  ::unsetenv("TZ");
  ::tzset();
}
