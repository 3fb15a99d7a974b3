#include "node/base/end_watch.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

/// What a child ended with that does this.
int end_of_child(void (*work)()) {
  auto child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void handled(int) {}

} // namespace

TEST_CASE("a process that does not end after a signal is ended") {
  CHECK(end_of_child([] {
          std::signal(SIGTERM, handled);
          end_watch watch{100ms};
          watch.watch_signals();
          std::raise(SIGTERM);
          std::this_thread::sleep_for(60s);
        }) == 1);
}

TEST_CASE("one that ends in time is let alone") {
  CHECK(end_of_child([] {
          std::signal(SIGTERM, handled);
          {
            end_watch watch{30s};
            watch.watch_signals();
            std::raise(SIGTERM);
          }
          std::raise(SIGTERM); // nobody counts any more
        }) == 0);
}

TEST_CASE("without a signal nobody counts") {
  end_watch watch{1ms};
  std::this_thread::sleep_for(20ms);
  SUCCEED();
}

TEST_CASE("threads are told by name") { CHECK_THAT(threads_text(), Catch::Contains("node_tests ")); }
