#include "node/commands/manual.hpp"

#include "node/base/nearest_name.hpp"
#include "node/base/printing.hpp"
#include "node/base/small_file.hpp"
#include "node/base/version.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/subcommand.hpp"
#include "node/requests/verbs.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

namespace hublink {

namespace {

constexpr mode_t page_mode = 0644;

std::string title(const std::string& name) {
  auto upper = name;
  for (auto& letter : upper) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return ".TH " + roff_text(upper) + " 1 \"\" \"hublink " + std::string{version()} + "\" \"User Commands\"\n";
}

std::string option_words(const CLI::Option& option) {
  auto name = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
  std::string words = ".B " + roff_text(name);
  bool takes =
      !option.get_positional() && option.get_items_expected_max() > 0 && !option.get_type_name().empty();
  return takes ? words + " \\fI" + roff_text(option.get_type_name()) + "\\fR" : words;
}

void add_options(std::ostringstream& page, const CLI::App& verb) {
  for (const auto* option : verb.get_options()) {
    if (option->get_group().empty()) continue;
    page << ".TP\n" << option_words(*option) << "\n" << roff_text(option->get_description());
    if (!option->get_default_str().empty())
      page << " (default: " << roff_text(option->get_default_str()) << ")";
    if (!option->get_envname().empty())
      page << "; else the variable \\fB" << roff_text(option->get_envname()) << "\\fR";
    page << "\n";
  }
}

void add_examples(std::ostringstream& page, std::string_view name) {
  const auto* row = find_command(name);
  if (!row || row->examples.empty()) return;
  page << ".SH EXAMPLES\n";
  for (const auto& each : row->examples)
    page << ".TP\n.B " << roff_text(each.line) << "\n" << roff_text(each.says) << "\n";
}

void add_manager_part(std::ostringstream& page, std::string_view name) {
  auto* served = find_verb(name);
  if (!served || served->scope == verb_scope::here) return;
  page << ".SH AT A MANAGER\nWhere a user is logged in: " << roff_text(to_string(served->scope))
       << "; the account needs the right \\fB" << roff_text(to_string(*served->takes.needed)) << "\\fR.\n";
}

constexpr std::pair<int, const char*> exit_meanings[] = {
    {0, "done"},
    {1, "failed"},
    {2, "usage or configuration"},
    {3, "timed out waiting"},
    {4, "not reachable (which hop)"},
    {5, "refused (not authorised, not registered)"},
    {6, "partial: some receivers, some nodes"},
    {7, "cancelled"},
    {8, "no space at (which node)"},
};

std::string exit_part() {
  std::string part = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_meanings)
    part += ".TP\n.B " + std::to_string(code) + "\n" + meaning + "\n";
  return part;
}

constexpr const char* see_also =
    ".SH SEE ALSO\n.BR hublink (1),\n.BR hublink-topology (5),\n.BR hublink-json (5),\n"
    ".BR hublink-gateways (7)\n";

std::string name_part(const std::string& name, const std::string& does) {
  return ".SH NAME\n" + roff_text(name) + " \\- " + roff_text(does) + "\n";
}

int write_pages(const CLI::App& app, const std::filesystem::path& folder) {
  auto put = [&](const std::string& name, const std::string& page) -> outcome<> {
    return write_small_file(folder / (name + ".1"), page, page_mode);
  };
  auto written = put("hublink", program_page(app));
  for (const auto* row : commands) {
    const std::string name{row->name};
    if (written) written = put("hublink-" + name, command_page(*app.get_subcommand(name)));
  }
  if (written) return 0;
  print(std::cerr, "hublink: {}\n", to_string(written.error()));
  return exit_code(written.error().code);
}

} // namespace

std::string roff_text(std::string_view text) {
  std::string shown;
  bool begins = true;
  for (char letter : text) {
    if (begins && (letter == '.' || letter == '\'')) shown += "\\&";
    begins = letter == '\n';
    if (letter == '\\')
      shown += "\\e";
    else if (letter == '-')
      shown += "\\-";
    else
      shown += letter;
  }
  return shown;
}

std::string program_page(const CLI::App& app) {
  std::ostringstream page;
  page << title("hublink")
       << name_part("hublink", "moves files and applications across network segments, hop by hop")
       << ".SH SYNOPSIS\n.B hublink\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n"
       << roff_text(app.get_description()) << ".\nOne executable runs as hub, as client or as manager.\n"
       << "Each command has a page of its own: \\fBhublink\\-\\fICOMMAND\\fR(1).\n.SH COMMANDS\n";
  for (const auto* row : commands)
    page << ".TP\n.BR hublink\\-" << roff_text(row->name) << " (1)\n" << roff_text(row->does) << "\n";
  page << exit_part()
       << ".SH FILES\n.TP\n.I /etc/hublink/NODE/\nkeys and topology of a node that \\fBhublink install\\fR "
          "put there\n"
          ".TP\n.I /var/lib/hublink/NODE/\nits data\n"
       << see_also;
  return page.str();
}

std::string command_page(const CLI::App& verb) {
  auto name = "hublink-" + verb.get_name();
  std::ostringstream page;
  page << title(name) << name_part(name, verb.get_description()) << ".SH SYNOPSIS\n.B hublink "
       << roff_text(verb.get_name()) << "\n[\\fIOPTION\\fR]...";
  for (const auto* option : verb.get_options([](const CLI::Option* each) { return each->get_positional(); }))
    page << " \\fI" << roff_text(option->get_name(true)) << "\\fR";
  page << "\n.SH OPTIONS\n";
  add_options(page, verb);
  for (const auto* part : subcommands(verb)) {
    page << ".SS " << roff_text(verb.get_name() + " " + part->get_name()) << "\n"
         << roff_text(part->get_description()) << "\n";
    add_options(page, *part);
  }
  add_manager_part(page, verb.get_name());
  add_examples(page, verb.get_name());
  page << exit_part() << see_also;
  return page.str();
}

namespace {

void set_up_manual(CLI::App& verb, int& exit) {
  struct manual_options {
    std::string name, folder;
  };
  auto options = std::make_shared<manual_options>();
  verb.add_option("COMMAND", options->name, "one command; without it: the program's own page");
  verb.add_option("--out", options->folder, "writes all pages there")->type_name("DIR");
  verb.callback([options, &verb, &exit] {
    const auto& app = *verb.get_parent();
    if (!options->folder.empty()) {
      exit = write_pages(app, options->folder);
      return;
    }
    const auto* named = options->name.empty() ? nullptr : find_subcommand(app, options->name);
    if (!options->name.empty() && !named) {
      print(std::cerr, "hublink: {}\n",
            no_such_command(options->name, subcommand_names(app), "see hublink --help"));
      exit = exit_code(errc::bad_config);
      return;
    }
    std::istringstream page{named ? command_page(*named) : program_page(app)};
    for (std::string line; std::getline(page, line);) print(std::cout, "{}\n", line);
  });
}

constexpr std::array manual_examples{
    command_example{"hublink manual send | man -l -", "the page of send"},
};

} // namespace

constinit const command_row manual_command{
    .name = "manual",
    .does = "a command's page as man reads it: hublink manual send | man -l -",
    .set_up = set_up_manual,
    .examples = manual_examples};

} // namespace hublink
