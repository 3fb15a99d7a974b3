#include "node/files/disk_pools.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <future>
#include <thread>
#include <utility>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

/// On /proc and on /dev, which are file systems of their own everywhere.
const std::string one = "/proc/self/status", other = "/dev/null";

struct hung_disk {
  disk_pools_ptr disks = std::make_shared<disk_pools>();
  std::promise<void> answer;
  std::shared_future<void> answers = answer.get_future().share();
  std::atomic<int> begun{0};
  bool answered = false;

  ~hung_disk() {
    let_answer();
    disks->end();
  }

  void let_answer() {
    if (!std::exchange(answered, true)) answer.set_value();
  }

  void ask(const std::string& path) {
    disks->aside(path, "look", [this, answers = answers] {
      ++begun;
      answers.wait();
    });
  }
  bool answers_soon(const std::string& path) {
    std::promise<void> done;
    auto is_done = done.get_future();
    disks->aside(path, "look", [&] { done.set_value(); });
    return is_done.wait_for(10s) == std::future_status::ready;
  }
};

} // namespace

TEST_CASE("a disk that does not answer takes its own threads, and no more of them than there are") {
  hung_disk t;
  for (int i = 0; i < 50; ++i) t.ask(one);
  CHECK(t.answers_soon(other));
  CHECK(t.begun <= 8);
  t.let_answer();
  CHECK(t.answers_soon(one));
}

TEST_CASE("what a disk has been at for long is known while it lasts") {
  hung_disk t;
  CHECK(t.disks->slow(0s).empty());
  t.ask(one);
  while (t.begun == 0) std::this_thread::yield();
  CHECK(t.disks->slow(5s).empty());
  auto found = t.disks->slow(0s);
  REQUIRE(found.size() == 1);
  CHECK(found[0].place == "/proc");
  CHECK(found[0].what == "look");
  t.let_answer();
}

TEST_CASE("a file that somebody hangs with is nobody's, until all have come back") {
  disk_pool pool{"/data"};
  pool.note_orphan("/data/a", true);
  pool.note_orphan("/data/a", true);
  pool.note_orphan("/data/a", false);
  CHECK(pool.has_orphan("/data/a"));
  CHECK_FALSE(pool.has_orphan("/data/b"));
  pool.note_orphan("/data/a", false);
  CHECK_FALSE(pool.has_orphan("/data/a"));
}

TEST_CASE("one at a time has the right to publish at a path") {
  disk_pool pool{"/data"};
  auto mine = pool.take_target("/data/a");
  CHECK(mine);
  CHECK_FALSE(pool.take_target("/data/a"));
  CHECK(pool.take_target("/data/b"));
  mine.reset();
  CHECK(pool.take_target("/data/a"));
  CHECK(pool.take_target("/data/a")); // the one before was dropped at once
}

TEST_CASE("disks that ended drop what is queued, and do nothing more") {
  auto disks = std::make_shared<disk_pools>();
  auto held = std::make_shared<int>(1);
  CHECK(disks->end());
  CHECK_FALSE(disks->is_abandoned());
  disks->aside(one, "look", [held] { *held = 2; });
  CHECK(*held == 1);
}

TEST_CASE("disks end without one that does not answer, and what comes back from it comes to nobody") {
  auto answer = std::make_shared<std::promise<void>>();
  auto begun = std::make_shared<std::promise<void>>();
  auto disks = std::make_shared<disk_pools>();
  std::weak_ptr<disk_pools> watched{disks};
  disks->aside(one, "look", [answer, begun] {
    begun->set_value();
    answer->get_future().wait();
  });
  begun->get_future().wait();
  CHECK_FALSE(disks->end(50ms));
  CHECK(disks->is_abandoned());
  REQUIRE(disks->slow(0s).size() == 1);
  answer->set_value();
  CHECK_FALSE(disks->end(10s)); // and does not wait a second time
  disks.reset();
  CHECK_FALSE(watched.expired()); // its thread uses it for ever
}
