/// Jobs as real processes.
#include "node/base/job_fence.hpp"
#include "node/base/process_runner.hpp"
#include "support/catch.hpp"

#include <asio/executor_work_guard.hpp>

#include <span>
#include <thread>
#include <unistd.h>

using namespace hublink;

namespace {

/// A job is begun by way of the executable that this is: before any test, it becomes the job.
[[gnu::constructor]] void become_job_if_asked(int argc, char** argv) {
  if (std::span words(argv, std::size_t(argc)); job_fence::is_asked(words))
    ::_exit(job_fence::become_job(words));
}

/// One io thread, and an owner that waits.
struct bench {
  bench() : thread([this] { context.run(); }) {}
  ~bench() {
    runner.stop();
    work.reset();
    context.stop();
    thread.join();
  }

  job_ended run(std::vector<std::string> command, std::chrono::seconds timeout = std::chrono::seconds{20}) {
    job_order order{7, {std::move(command), timeout}, {{"HUBLINK_FILE", "FILE01"}}, "in/report"};
    caf::scoped_actor self{system};
    auto owner = self->spawn(
        [](job_owner::pointer, caf::actor tell) -> job_owner::behavior_type {
          return {[tell](const job_ended& end) { caf::anon_send(tell, end); }};
        },
        caf::actor_cast<caf::actor>(self));
    runner.run(std::move(order), weak_owner<job_owner>{owner});
    job_ended end;
    self->receive([&](const job_ended& got) { end = got; },
                  caf::after(std::chrono::seconds{30}) >> [] { FAIL("no end was told"); });
    return end;
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  process_runner runner{context, "/tmp"};
  std::thread thread;
};

job_ended run_job(std::vector<std::string> command, std::chrono::seconds timeout = std::chrono::seconds{20}) {
  return bench{}.run(std::move(command), timeout);
}

} // namespace

TEST_CASE("a job gets its facts, its place, and nothing of the node") {
  auto end = run_job(
      {"sh", "-c", "echo $HUBLINK_FILE $HUBLINK_PATH $PWD; ls /proc/self/fd | wc -l; cat; echo err >&2"});
  CHECK(end.number == 7);
  CHECK(end.result.good);
  CHECK(end.output == "FILE01 /tmp/in/report /tmp\n4\nerr\n"); // three, and the folder that ls reads
  CHECK(end.result.text == "err");
}

TEST_CASE("how a job ended is said with the last that it wrote") {
  CHECK(run_job({"sh", "-c", "echo first; echo the table is locked; exit 3"}).result.text ==
        "ended with exit code 3: the table is locked");
  CHECK(run_job({"sh", "-c", "kill -9 $$"}).result.text == "was ended by signal 9");
  CHECK_FALSE(run_job({"false"}).result.good);
  auto none = run_job({"/no/such/program"});
  CHECK_FALSE(none.result.good);
  CHECK(none.result.text == "can't run /no/such/program: No such file or directory");
}

TEST_CASE("a job that runs too long is ended, with all that it began") {
  auto end = run_job({"sh", "-c", "echo begun; sleep 100 & sleep 100"}, std::chrono::seconds{1});
  CHECK(end.result.text == "ran longer than 1 s and was ended: begun");
}

TEST_CASE("of much output the end is kept, printable") {
  auto end = run_job({"sh", "-c", "seq 100000; printf 'x\\001\\377y\\n'"});
  CHECK(end.output.size() <= max_job_output + 1);
  CHECK(end.output.find("100000\nx??y\n") != std::string::npos);
}

TEST_CASE("a job whose children keep its output open has ended all the same") {
  CHECK(run_job({"sh", "-c", "sleep 60 & echo done"}).result.text == "done");
}
