#include "node/commands/password.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace hublink {

namespace {

/// The terminal shows nothing of what is typed.
class no_echo {
 public:
  no_echo() {
    ::tcgetattr(STDIN_FILENO, &before_);
    auto quiet = before_;
    quiet.c_lflag &= ~tcflag_t(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~no_echo() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

} // namespace

std::string type_unseen(const std::string& prompt) {
  std::string typed;
  {
    no_echo quiet; // before anybody can answer: it drops what was typed so far
    print(std::cerr, "{}: ", prompt);
    std::cerr.flush();
    std::getline(std::cin, typed);
  }
  print(std::cerr, "\n");
  return typed;
}

void add_password_option(CLI::App& verb, std::string& file) {
  verb.add_option("--password-file", file,
                  "the password is this file's first line (else HUBLINK_PASSWORD, else it is asked for)")
      ->type_name("FILE");
}

outcome<std::string> read_password(const std::string& file, const std::string& prompt, bool again) {
  keep_memory_private();
  if (!file.empty()) {
    std::ifstream in{file};
    std::string line;
    if (!std::getline(in, line)) return failure{errc::bad_config, {}, "can't read a password from " + file};
    return line;
  }
  if (auto* given = std::getenv("HUBLINK_PASSWORD")) return std::string{given};
  if (!::isatty(STDIN_FILENO))
    return failure{errc::bad_config, {}, "no password: give --password-file or HUBLINK_PASSWORD"};
  auto typed = type_unseen(prompt);
  if (again && type_unseen(prompt + " again") != typed)
    return failure{errc::bad_config, {}, "the two passwords differ"};
  return typed;
}

} // namespace hublink
