/// What a process gives up, seen in a child that gives it up.
#include "node/base/process_guard.hpp"
#include "support/catch.hpp"

#include "node/base/landlock.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hublink;
namespace fs = std::filesystem;

namespace {

/// The exit code of a child that does that; what it finds wrong is a number other than 0.
template <class Work>
int in_child(Work work) {
  auto child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_refused(int result) { return result < 0 && (errno == EACCES || errno == EXDEV); }

} // namespace

TEST_CASE("memory is private", "[guard]") {
  CHECK(in_child([] {
          keep_memory_private();
          rlimit limit{};
          if (::prctl(PR_GET_DUMPABLE) != 0) return 1;
          if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0) return 2;
          return 0;
        }) == 0);
}

TEST_CASE("few privileges are kept", "[guard]") {
  CHECK(in_child([] {
          keep_few_privileges();
          if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 1;
          if (::geteuid() != 0) return 0;
          if (::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 0) return 2;
          if (::prctl(PR_CAPBSET_READ, CAP_NET_BIND_SERVICE) != 1) return 3;
          if (::chown("/", 0, 0) == 0 && ::chroot("/") == 0) return 4;
          return 0;
        }) == 0);
}

TEST_CASE("nothing is written but below the folders that were named", "[guard]") {
  auto base = fs::temp_directory_path() / ("hublink-fence-" + std::to_string(::getpid()));
  auto inside = base / "inside", outside = base / "outside";
  fs::create_directories(inside);
  fs::create_directories(outside);
  std::ofstream{outside / "there"} << "content";
  fs::create_directory_symlink(outside, inside / "way");
  auto result = in_child([&] {
    keep_few_privileges();
    if (!landlock::write_only_below({inside, base / "missing"})) return 77;
    auto open = [](const fs::path& path, int flags) { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); };
    if (open(inside / "new", O_CREAT | O_EXCL | O_WRONLY) < 0) return 1;
    if (::rename((inside / "new").c_str(), (inside / "renamed").c_str()) != 0) return 2;
    if (open(outside / "there", O_RDONLY) < 0) return 3; // reading is for the roots to decide
    if (!is_refused(open(outside / "there", O_WRONLY))) return 4;
    if (!is_refused(open(outside / "new", O_CREAT | O_WRONLY))) return 5;
    if (!is_refused(open(inside / "way/new", O_CREAT | O_WRONLY))) return 6;
    if (!is_refused(::unlink((outside / "there").c_str()))) return 7;
    if (!is_refused(::mkdir((outside / "folder").c_str(), 0700))) return 8;
    if (!is_refused(::rename((inside / "renamed").c_str(), (outside / "x").c_str()))) return 9;
    if (!is_refused(::execl("/bin/true", "true", nullptr))) return 10;
    if (open("/dev/null", O_WRONLY) < 0) return 11;
    return 0;
  });
  CHECK((result == 0 || result == 77)); // 77: a kernel without
  fs::remove_all(base);
}
