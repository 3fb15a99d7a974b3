#include "node/commands/passphrase.hpp"

#include "node/base/printing.hpp"
#include "node/commands/password.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::size_t least_passphrase = 8, most_passphrase = 1024;

outcome<secret> fitting(std::string text) {
  if (text.size() >= least_passphrase && text.size() <= most_passphrase) return secret{std::move(text)};
  wipe(text);
  return {errc::bad_config, "a passphrase has 8 to 1,024 characters"};
}

outcome<secret> first_line_of(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  if (!std::getline(in, line)) return {errc::bad_config, "can't read a passphrase from " + file};
  return fitting(std::move(line));
}

outcome<secret> type_passphrase(bool fresh) {
  auto typed = type_unseen("passphrase of the CA's key");
  if (!fresh) return secret{std::move(typed)};
  secret again{type_unseen("passphrase again")};
  if (again.view() != typed) {
    wipe(typed);
    return {errc::bad_config, "the two passphrases differ"};
  }
  return fitting(std::move(typed));
}

outcome<secret> read_passphrase(const passphrase_options& options, bool fresh) {
  if (fresh && options.none) return secret{};
  if (!options.file.empty()) return first_line_of(options.file);
  if (auto* given = std::getenv("HUBLINK_PASSPHRASE")) return fitting(given);
  if (::isatty(STDIN_FILENO)) return type_passphrase(fresh);
  if (!fresh)
    return {errc::bad_config, "the CA's key is encrypted: give --passphrase-file or HUBLINK_PASSPHRASE"};
  if (options.needed)
    return {errc::bad_config, "no passphrase was given: --passphrase-file or HUBLINK_PASSPHRASE has it"};
  print(std::cerr,
        "the CA's key is not encrypted, for no passphrase was given; hublink keys lock encrypts it\n");
  return secret{};
}

} // namespace

void add_passphrase_option(CLI::App& verb, passphrase_options& options) {
  verb.add_option(
          "--passphrase-file", options.file,
          "the passphrase of the CA's key is this file's first line (else HUBLINK_PASSPHRASE, else it is "
          "asked for at a terminal)")
      ->type_name("FILE");
}

ask_passphrase passphrase_by(const passphrase_options& options) {
  return [options](bool fresh) { return read_passphrase(options, fresh); };
}

} // namespace hublink
