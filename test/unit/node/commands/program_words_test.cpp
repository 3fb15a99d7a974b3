#include "node/commands/commands.hpp"
#include "node/commands/program_words.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

using words_of_line = std::vector<std::string>;

/// As `hublink wrap` parts them: its own | the program's.
std::string parted(words_of_line line) {
  CLI::App app;
  int exit = 0;
  wrap_command.set_up_program(app, {}, exit);
  std::vector<char*> words;
  for (auto& word : line) words.push_back(word.data());
  auto parts = part_words(app, words);
  std::string text;
  for (auto* word : parts.own) text += std::string{word} + " ";
  text += "|";
  for (auto* word : parts.program) text += std::string{" "} + word;
  return text;
}

} // namespace

TEST_CASE("a program begins behind the options, with or without --", "[wrap]") {
  CHECK(parted({"--gateway", "G", "--", "psql", "-h", "10.2.0.7"}) == "--gateway G | psql -h 10.2.0.7");
  CHECK(parted({"--gateway", "G", "psql", "-h", "10.2.0.7"}) == "--gateway G | psql -h 10.2.0.7");
  CHECK(parted({"--only", "X", "--gateway", "G", "--", "ls"}) == "--only X --gateway G | ls");
  CHECK(parted({"--gateway", "G", "--only", "X", "ls"}) == "--gateway G --only X | ls");
  CHECK(parted({"--only", "X", "--only", "Y", "--direct", "Z", "--names", "*", "ls"}) ==
        "--only X --only Y --direct Z --names * | ls");
  CHECK(parted({"--reply-timeout", "0", "--", "ls"}) == "--reply-timeout 0 | ls");
  CHECK(parted({"--user-file", "F", "ls"}) == "--user-file F | ls");
  CHECK(parted({"--only=X", "--gateway=G", "ls", "-l"}) == "--only=X --gateway=G | ls -l");
  CHECK(parted({"--", "ls"}) == "| ls");
  CHECK(parted({"ls"}) == "| ls");
}

TEST_CASE("a program's own words are its own, however they look", "[wrap]") {
  CHECK(parted({"prog", "--gateway", "H", "--", "--only", "X"}) == "| prog --gateway H -- --only X");
  CHECK(parted({"--gateway", "G", "--", "prog", "--help"}) == "--gateway G | prog --help");
  CHECK(parted({"--gateway", "G", "--", "--odd-name", "--help"}) == "--gateway G | --odd-name --help");
  CHECK(parted({"--only", "X", "hublink", "wrap", "--only", "Y", "--", "ls"}) ==
        "--only X | hublink wrap --only Y -- ls");
  CHECK(parted({"-", "x"}) == "| - x");
}

TEST_CASE("what is no option of wrap is left to the reader of options", "[wrap]") {
  CHECK(parted({"--gatway", "G", "--", "ls"}) == "--gatway | G -- ls"); // which refuses it
  CHECK(parted({"--help"}) == "--help |");
  CHECK(parted({"--gateway"}) == "--gateway |");
  CHECK(parted({"--gateway", "--", "ls"}) == "--gateway -- | ls"); // its value is the user's mistake
  CHECK(parted({}) == "|");
}
