#include "node/base/program_check.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

namespace hublink {

namespace {

constexpr int deepest_script = 4; // as the kernel
constexpr std::size_t most_headers = 1 << 16;

failure no(const std::string& path, const std::string& why) {
  return {errc::bad_config, {}, path + " " + why + "; it would go out without the gateway"};
}

outcome<> check_elf(const std::string& path, std::ifstream& file) {
  Elf64_Ehdr head{};
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(&head), sizeof head) || head.e_ident[EI_CLASS] != ELFCLASS64)
    return no(path, "is no 64-bit program");
  std::vector<char> raw(std::min<std::size_t>(std::size_t(head.e_phnum) * head.e_phentsize, most_headers));
  file.seekg(static_cast<std::streamoff>(head.e_phoff));
  file.read(raw.data(), static_cast<std::streamsize>(raw.size()));
  for (std::size_t at = 0; at + sizeof(Elf64_Phdr) <= raw.size();
       at += std::max<std::size_t>(head.e_phentsize, 1)) {
    Elf64_Phdr part;
    std::memcpy(&part, raw.data() + at, sizeof part);
    if (part.p_type == PT_INTERP) return {};
  }
  return no(path, "is linked statically, so the library can't be preloaded");
}

outcome<> check(const std::string& path, int depth) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || ::access(path.c_str(), X_OK) != 0)
    return failure{errc::bad_config, {}, path + " can't be run: " + std::strerror(errno)};
  bool gains_rights = ((found.st_mode & S_ISUID) && found.st_uid != ::getuid()) ||
                      ((found.st_mode & S_ISGID) && found.st_gid != ::getgid());
  if (gains_rights)
    return no(path, "has rights of its own (set-user-ID), so the system ignores preloaded libraries");
  if (::getuid() != 0 && ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0)
    return no(path, "has rights of its own (capabilities), so the system ignores preloaded libraries");
  std::ifstream file(path, std::ios::binary);
  std::string first(2, ' ');
  if (!file.read(first.data(), 2)) return failure{errc::bad_config, {}, "can't read " + path};
  if (first != "#!") return check_elf(path, file);
  std::string line, interpreter;
  std::getline(file, line);
  std::istringstream words(line);
  words >> interpreter;
  if (depth == 0 || interpreter.empty()) return no(path, "is a script without an interpreter");
  if (interpreter.ends_with("/env"))
    for (std::string word; words >> word;)
      if (word.front() != '-' && word.find('=') == word.npos) {
        auto program = find_program(word);
        return program.empty() ? failure{errc::bad_config, {}, "there is no program " + word}
                               : check(program, depth - 1);
      }
  return check(interpreter, depth - 1);
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

outcome<> takes_preload(const std::string& path) { return check(path, deepest_script); }

} // namespace hublink
