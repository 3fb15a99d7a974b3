#include "node/base/program_check.hpp"
#include "node/loader/namespaces_allowed.hpp"
#include "node/loader/program_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace hublink {

namespace {

/// The program that a script asks `env` for; empty: it is no such script.
std::string asked_of_env(const std::string& script) {
  std::ifstream file(script, std::ios::binary);
  std::string line, word;
  std::getline(file, line);
  if (!line.starts_with("#!")) return {};
  std::istringstream words(line.substr(2));
  if (!(words >> word) || !word.ends_with("/env")) return {};
  while (words >> word)
    if (word.front() != '-' && word.find('=') == word.npos) return word;
  return {};
}

failure refused(const std::string& what, const std::string& why) {
  return {errc::bad_config,
          {},
          what + " " + why + "; it would go out without the gateway: " +
              (loader::namespaces_allowed()
                   ? "take it by hublink wrap --strict"
                   : "let it use SOCKS, or see to it that hublink wrap --strict may run")};
}

/// What `exec` itself would say.
failure not_runnable(const std::string& path) {
  if (::access(path.c_str(), X_OK) == 0)
    return {errc::bad_config, {}, path + " is neither a program nor a script that begins with #!"};
  return {errc::bad_config, {}, path + " can't be run: " + std::strerror(errno)};
}

} // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != name.npos) return name;
  auto* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto file = (folder.empty() ? "." : folder) + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

outcome<> takes_preload(const std::string& path) {
  auto found = loader::examine(AT_FDCWD, path.c_str(), 0);
  if (found.what == loader::obstacle::left_to_exec) return not_runnable(path);
  if (found.what != loader::obstacle::none)
    return refused(found.interpreter[0] ? std::string{found.interpreter} + " (of " + path + ")" : path,
                   loader::words_of(found.what));
  auto next = asked_of_env(path);
  if (next.empty()) return {};
  auto program = find_program(next);
  if (program.empty())
    return failure{errc::bad_config, {}, "there is no program " + next + " (of " + path + ")"};
  return takes_preload(program);
}

} // namespace hublink
