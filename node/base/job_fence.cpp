#include "node/base/job_fence.hpp"

#include "node/base/landlock.hpp"
#include "node/base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hublink::job_fence {

namespace {

constexpr auto asked_as = "become-job", separator = "--";
constexpr int not_begun = 127; // as a shell

int give_up(const std::string& why) {
  // Should the node be gone, nobody waits for it.
  (void)!::write(report_descriptor, why.data(), why.size());
  return not_begun;
}

std::string error_text() { return std::strerror(errno); }

bool write_text(const char* path, const std::string& text) {
  unique_fd file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file && ::write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

/// An ordinary user may have mounts of his own only among users of his own: himself alone, under the same
/// number.
bool enter_user_namespace() {
  auto same = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  auto user = same(::geteuid()), group = same(::getegid());
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/setgroups", "deny") &&
         write_text("/proc/self/uid_map", user) && write_text("/proc/self/gid_map", group);
}

bool enter_namespace() {
  bool own = (::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0) || enter_user_namespace();
  return own && ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0;
}

bool hide(const char* path) {
  struct stat found {};
  if (::stat(path, &found) != 0) return errno == ENOENT;
  if (!S_ISDIR(found.st_mode)) return ::mount("/dev/null", path, nullptr, MS_BIND, nullptr) == 0;
  return ::mount("none", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0555") ==
         0;
}

} // namespace

std::vector<std::string> around(const std::vector<std::string>& command,
                                const std::vector<std::string>& hidden) {
  std::vector<std::string> all{"/proc/self/exe", asked_as};
  all.insert(all.end(), hidden.begin(), hidden.end());
  all.emplace_back(separator);
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

bool is_asked(std::span<char*> words) { return words.size() > 1 && std::string_view{words[1]} == asked_as; }

int become_job(std::span<char*> words) {
  ::fcntl(report_descriptor, F_SETFD, FD_CLOEXEC);
  auto end =
      std::ranges::find_if(words, [](const char* word) { return std::string_view{word} == separator; });
  if (end == words.end() || end + 1 == words.end()) return give_up("no job is named");
  bool hides = end != words.begin() + 2;
  if (hides && !enter_namespace())
    return give_up("this machine does not let the node hide its keys from jobs (" + error_text() +
                   "); \"confine_jobs\": false in local.json runs them with access to the keys");
  for (auto each = words.begin() + 2; each != end; ++each)
    if (!hide(*each)) return give_up("can't hide " + std::string{*each} + " from the job: " + error_text());
  // Without it root could take the mounts away again, and look for the keys by way of other processes.
  if (hides) (void)landlock::stay_apart();
  ::execvp(*(end + 1), &*(end + 1));
  return give_up("can't run " + std::string{*(end + 1)} + ": " + error_text());
}

} // namespace hublink::job_fence
