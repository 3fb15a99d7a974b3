#include "node/files/mount_table.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <filesystem>
#include <sstream>

namespace hublink {
namespace {

constexpr int most_links = 40; ///< as the kernel has it

/// `\040` is a space.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto is_octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && is_octal(i + 1) && is_octal(i + 2) && is_octal(i + 3)) {
      plain += char((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool lies_in(const std::string& path, const std::string& folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string whole(int file) {
  std::string text;
  std::array<char, 16 * 1024> part{};
  ::lseek(file, 0, SEEK_SET);
  for (ssize_t count = 0; (count = ::read(file, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(count));
  return text;
}

} // namespace

std::vector<mounted_file_system> parse_mounts(std::string_view text) {
  std::vector<mounted_file_system> found;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string number, parent, device, root, place;
    if (words >> number >> parent >> device >> root >> place) found.push_back({device, unescaped(place)});
  }
  return found;
}

// The kernel marks the file when something was mounted or unmounted since it was read.
void mount_table::look() {
  pollfd changed{source_.get(), POLLPRI, 0};
  if (source_ && ::poll(&changed, 1, 0) == 0) return;
  if (!source_) source_ = unique_fd{::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
  if (source_) mounts_ = parse_mounts(whole(source_.get()));
}

const mounted_file_system& mount_table::mount_of(const std::string& path) const {
  static const mounted_file_system unknown{"0:0", "/"};
  const auto* best = &unknown;
  for (const auto& each : mounts_)
    if (lies_in(path, each.place) && each.place.size() >= best->place.size()) best = &each;
  return *best;
}

std::string mount_table::follow_links(const std::string& path) const {
  namespace fs = std::filesystem;
  const auto home = mount_of(home_).device, root = mount_of("/").device;
  auto left = fs::path{path}.lexically_normal().relative_path();
  fs::path at = "/";
  for (int links = 0; !left.empty();) {
    auto next = at / *left.begin();
    auto rest = left.lexically_relative(*left.begin());
    left = rest == "." ? fs::path{} : rest;
    const auto& device = mount_of(next.string()).device;
    if (device != home && device != root) return (next / left).string();
    std::array<char, PATH_MAX> target{};
    auto size = ::readlink(next.c_str(), target.data(), target.size());
    if (size <= 0 || ++links > most_links) {
      at = next;
      continue;
    }
    auto led = (at / std::string(target.data(), static_cast<std::size_t>(size)) / left).lexically_normal();
    left = led.relative_path();
    at = "/";
  }
  return at.string();
}

mounted_file_system mount_table::holder_of(const std::string& path) {
  std::lock_guard guard{lock_};
  look();
  return mount_of(follow_links(path));
}

} // namespace hublink
