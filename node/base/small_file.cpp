#include "node/base/small_file.hpp"

#include "node/base/durability.hpp"
#include "node/base/fault_point.hpp"
#include "node/base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace hublink {
namespace {

failure not_done(const std::filesystem::path& path, const char* what) {
  auto code = errno == ENOENT ? errc::file_missing : errno == EACCES ? errc::file_denied : errc::io_error;
  return {code, {}, path.string() + " can't be " + what + ": " + std::strerror(errno)};
}

constexpr std::size_t first_read = 256 << 10;

std::string bytes_text(std::size_t count) {
  constexpr std::size_t mib = 1 << 20;
  return count % mib == 0 ? std::to_string(count / mib) + " MiB" : std::to_string(count) + " bytes";
}

bool write_all(int to, std::string_view rest) {
  while (!rest.empty()) {
    auto count = ::write(to, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) return false;
    rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return true;
}

} // namespace

outcome<std::string> read_small_file(const std::filesystem::path& path, std::size_t most) {
  unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return not_done(path, "read");
  std::string content(std::min(most, first_read) + 1, '\0'); // one more than may be there
  std::size_t size = 0;
  while (size <= most) {
    // A key is shorter: it is never moved, and leaves no copy behind.
    if (size == content.size()) content.resize(std::min(most + 1, 2 * size));
    auto count = ::read(file.get(), content.data() + size, content.size() - size);
    if (count == 0) {
      content.resize(size);
      return content;
    }
    if (count < 0 && errno != EINTR) return not_done(path, "read");
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  return {errc::io_error, path.string() + " has more than " + bytes_text(most) + ", the most that is read"};
}

outcome<secret> read_secret_file(const std::filesystem::path& path) {
  auto text = read_small_file(path);
  if (!text) return text.error();
  return secret{std::move(*text)};
}

outcome<> write_small_file(const std::filesystem::path& path, const std::string& content, mode_t mode,
                           std::string_view before_rename) {
  auto beside = path.parent_path() / ("." + path.filename().string() + ".new");
  ::unlink(beside.c_str());
  {
    unique_fd file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    bool written = file && write_all(file.get(), content) && sync_content(file.get());
    if (!written) return not_done(path, "written");
  }
  fault_point::reach(before_rename);
  if (::rename(beside.c_str(), path.c_str()) != 0) return not_done(path, "written");
  return sync_folder(path.parent_path());
}

outcome<> sync_folder(const std::filesystem::path& folder) {
  auto here = folder.empty() ? std::filesystem::path{"."} : folder; // of a name without a folder
  unique_fd opened{::open(here.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || !sync_names(opened.get())) return not_done(here, "synced");
  return {};
}

} // namespace hublink
