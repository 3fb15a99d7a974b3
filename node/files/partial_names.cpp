#include "node/files/partial_names.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>

namespace hublink {
namespace {

constexpr std::size_t usual_longest = 255;
constexpr std::string_view ending = ".part", trial_ending = ".new";

/// Up to the generation.
std::string partial_prefix(const std::string& target, const transfer_id& transfer, std::size_t longest) {
  constexpr std::size_t beside = 65; // what is put around the name
  auto cut = std::min(target.size(), longest > beside ? longest - beside : 1);
  while (cut < target.size() && cut > 0 && (target[cut] & 0xC0) == 0x80) --cut; // not inside a character
  return "." + target.substr(0, cut) + ".hublink-" + transfer + "-";
}

} // namespace

// A file system that says nothing says 0; one that counts characters says more than a name may have.
std::size_t longest_name(int folder) {
  struct statfs found {};
  if (::fstatfs(folder, &found) != 0 || found.f_namelen <= 0) return usual_longest;
  return std::min<std::size_t>(usual_longest, static_cast<std::size_t>(found.f_namelen));
}

std::string partial_name(const std::string& target, const transfer_id& transfer, std::uint32_t generation,
                         std::size_t longest) {
  return partial_prefix(target, transfer, longest) + std::to_string(generation) + std::string{ending};
}

std::string partial_name(int folder, const std::string& target, const transfer_id& transfer,
                         std::uint32_t generation) {
  return partial_name(target, transfer, generation, longest_name(folder));
}

std::string trial_name(const std::string& partial) {
  return partial.substr(0, partial.size() - ending.size()) + std::string{trial_ending};
}

void remove_partials(int folder, const std::string& target, const transfer_id& transfer,
                     std::uint32_t newest) {
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return;
  std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(own), ::closedir};
  if (!entries) {
    ::close(own);
    return;
  }
  const auto prefix = partial_prefix(target, transfer, longest_name(folder));
  while (const auto* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    std::uint32_t generation = 0;
    auto read = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), generation);
    const std::string_view rest{read.ptr, name.data() + name.size()};
    if (read.ec == std::errc{} && generation <= newest && (rest == ending || rest == trial_ending))
      ::unlinkat(folder, entry->d_name, 0);
  }
}

} // namespace hublink
