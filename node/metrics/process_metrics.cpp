#include "node/metrics/process_metrics.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hublink {

namespace {

double seconds_of(const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; }

/// Pages in memory.
double resident_pages() {
  std::ifstream file{"/proc/self/statm"};
  double whole = 0, resident = 0;
  file >> whole >> resident;
  return resident;
}

std::size_t open_descriptors() {
  std::error_code problem;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", problem}, end; !problem && at != end;
       at.increment(problem))
    ++count;
  return count > 0 ? count - 1 : 0; // its own
}

} // namespace

void add_process_metrics(metric_list& to, const std::filesystem::path& data) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  to.counter("process_cpu_seconds_total", "Time on processors, of user and system.",
             seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  to.gauge("process_resident_memory_bytes", "Memory in use.",
           resident_pages() * double(::sysconf(_SC_PAGESIZE)));
  to.gauge("process_open_fds", "File descriptors in use.", double(open_descriptors()));
  rlimit most{};
  ::getrlimit(RLIMIT_NOFILE, &most);
  to.gauge("process_max_fds", "File descriptors that it may have.", double(most.rlim_cur));
  struct statvfs disk {};
  if (::statvfs(data.c_str(), &disk) != 0) return;
  to.gauge("hublink_disk_free_bytes", "That the node may still use where its data directory is.",
           double(disk.f_bavail) * double(disk.f_frsize));
  to.gauge("hublink_disk_size_bytes", "Of the file system where its data directory is.",
           double(disk.f_blocks) * double(disk.f_frsize));
}

} // namespace hublink
