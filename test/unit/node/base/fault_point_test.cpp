#include "node/base/fault_point.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

using namespace hublink;
using fault_point::action;
using fault_point::fault;

namespace {

std::string refused(std::string_view text) {
  auto result = fault_point::parse(text);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == errc::bad_config);
  return result.error().text;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The signal that ends or stops a child which does that; 0 if it ends by itself.
int signal_of_child(const char* armed, void (*work)()) {
  auto child = ::fork();
  if (child == 0) {
    if (!fault_point::arm(armed)) ::_exit(1);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  auto signal = WSTOPSIG(status);
  ::kill(child, SIGCONT);
  ::waitpid(child, &status, 0);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0)); // it goes on, and does not stop again
  return signal;
}

} // namespace

TEST_CASE("a fault is a point, a number and what to do") {
  CHECK(*fault_point::parse("before-rename") == fault{"before-rename", 1, action::kill});
  CHECK(*fault_point::parse("after-commit:3") == fault{"after-commit", 3, action::kill});
  CHECK(*fault_point::parse("told=stop") == fault{"told", 1, action::stop});
  CHECK(*fault_point::parse("told=hang") == fault{"told", 1, action::hang});
  CHECK(*fault_point::parse("told=throw") == fault{"told", 1, action::fall});
  CHECK(*fault_point::parse("session_lost") == fault{"session_lost", 1, action::kill});
  CHECK(*fault_point::parse("sent-bytes:9000000=kill") == fault{"sent-bytes", 9'000'000, action::kill});
}

TEST_CASE("a wrong fault is refused with what is wrong") {
  CHECK_THAT(refused(""), Catch::Contains("no such point; there are after-admit, "));
  CHECK_THAT(refused("before-lunch"), Catch::Contains("HUBLINK_FAULT=before-lunch: no such point"));
  CHECK_THAT(refused("after-open=explode"), Catch::Contains("after = comes kill, stop, hang or throw"));
  CHECK_THAT(refused("carried-bytes"), Catch::Contains("write carried-bytes:N"));
  for (auto text :
       {"after-open:", "after-open:0", "after-open:-1", "after-open:1x", "after-open:99999999999999999999"})
    CHECK_THAT(refused(text), Catch::Contains("after : comes a number"));
}

TEST_CASE("a fault strikes the Nth time, and no other point") {
  CHECK(signal_of_child(nullptr, [] { fault_point::reach("told"); }) == 0);
  CHECK(signal_of_child("told:2", [] {
          fault_point::reach("told");
          fault_point::reach("next");
        }) == 0);
  auto three_times = [] {
    for (int i = 0; i < 3; ++i) fault_point::reach("told");
  };
  CHECK(signal_of_child("told:3", three_times) == SIGKILL);
  CHECK(signal_of_child("told:2=stop", three_times) == SIGSTOP);
}

TEST_CASE("a fault by bytes strikes once, as soon as there are enough") {
  CHECK(signal_of_child("sent-bytes:100", [] { fault_point::reach("sent-bytes", 99); }) == 0);
  auto many = [] {
    for (std::uint64_t total = 0; total < 500; total += 30) fault_point::reach("sent-bytes", total);
  };
  CHECK(signal_of_child("sent-bytes:100", many) == SIGKILL);
  CHECK(signal_of_child("sent-bytes:100=stop", many) == SIGSTOP);
}

TEST_CASE("every point is in the docs and in the sources") {
  auto docs = read(HUBLINK_SOURCE_DIR "/docs/reference/faults.md") +
              read(HUBLINK_SOURCE_DIR "/docs/reference/events.md");
  auto sources = read(HUBLINK_SOURCE_DIR "/actors/ports/event_log.hpp"); // each event is a point, too
  for (const auto& file : std::filesystem::recursive_directory_iterator(HUBLINK_SOURCE_DIR "/node"))
    if (file.path().extension() == ".cpp" && file.path().filename() != "fault_point.cpp")
      sources += read(file.path());
  for (auto point : fault_point::points()) {
    INFO(point);
    CHECK(docs.find("`" + std::string(point)) != docs.npos);
    CHECK(sources.find("\"" + std::string(point) + "\"") != sources.npos);
  }
}
