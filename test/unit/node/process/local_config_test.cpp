/// local.json: what it says, and every problem with its place.
#include "node/process/local_config.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace hublink;

namespace {

std::vector<std::string> problems_in(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& each : parse_local_config(text).problems) lines.push_back(to_string(each));
  return lines;
}

} // namespace

TEST_CASE("jobs as they are written") {
  auto parsed = parse_local_config(R"({"jobs_at_once": 2, "jobs": {
    "FILE01": {"pre_send": {"command": ["./make", "it"], "timeout_s": 60}, "post_send": {"command": ["x"], "after": "any"}},
    "*": {"post_receive": {"command": ["/bin/load"], "wait": true}}}})");
  CHECK(parsed.problems.empty());
  auto& jobs = parsed.value.jobs;
  CHECK(jobs.at_once == 2);
  auto* before = jobs.find("FILE01", job_kind::pre_send);
  REQUIRE(before);
  CHECK(before->command == std::vector<std::string>{"./make", "it"});
  CHECK(before->timeout == std::chrono::seconds{60});
  CHECK(jobs.find("FILE01", job_kind::post_send)->after == job_definition::outcome::any);
  CHECK_FALSE(jobs.find("FILE01", job_kind::post_receive)); // an own entry stands for itself
  CHECK(jobs.find("FILE02", job_kind::post_receive)->wait);
}

TEST_CASE("what is wrong with jobs is said with its place") {
  using lines = std::vector<std::string>;
  CHECK(problems_in("{}") == lines{});
  CHECK(problems_in("{").front().find("is no JSON") != std::string::npos);
  CHECK(problems_in(R"({"jobs": {"FILE02": {"pre_send": {"command": ["x"]}}}})") ==
        lines{}); // may come to be
  CHECK(problems_in(R"({"jobs": {"FILE01": {"pre_send": {"command": "rm -rf x"}}}})")
            .front()
            .find("jobs.FILE01.pre_send.command: must list a program") == 0);
  CHECK(problems_in(R"({"jobs": {"FILE01": {"pre_send": {}}}})").size() == 1);
  CHECK(problems_in(R"({"jobs": {"FILE01": {"pre_send": {"command": ["x", 3]}}}})").size() == 1);
  CHECK(problems_in(R"({"jobs": {"FILE01": {"pre_send": {"command": ["x"], "wait": true}}}})").front() ==
        "jobs.FILE01.pre_send.wait: is not known here; remove it; known here: command, timeout_s");
  CHECK(problems_in(R"({"jobs": {"FILE01": {"presend": {}}}})").front().find("did you mean \"pre_send\"?") !=
        std::string::npos);
  CHECK(problems_in(R"({"jobs": []})").size() == 1);
}

TEST_CASE("roots, and whether jobs are confined") {
  auto plain = parse_local_config("{}");
  CHECK_FALSE(plain.value.roots);
  CHECK(plain.value.confine_jobs);
  auto parsed = parse_local_config(R"({"roots": ["/srv/exchange", "more"], "confine_jobs": false})");
  CHECK(parsed.problems.empty());
  CHECK(parsed.value.roots == std::vector<std::string>{"/srv/exchange", "more"});
  CHECK_FALSE(parsed.value.confine_jobs);
  CHECK(parse_local_config(R"({"roots": []})").value.roots == std::vector<std::string>{});
  for (auto wrong : {R"({"roots": "/srv"})", R"({"roots": [""]})", R"({"roots": [3]})"})
    CHECK(problems_in(wrong).front().find("roots: must list directories") == 0);
}

TEST_CASE("a configuration that others can write is refused, none is empty") {
  auto folder = std::filesystem::temp_directory_path() / ("local-config-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  CHECK(load_local_config(folder)->jobs.by_file.empty());
  std::ofstream{folder / "local.json"} << "{}";
  std::filesystem::permissions(folder / "local.json", std::filesystem::perms{0666});
  auto refused = load_local_config(folder);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("can be written by others") != std::string::npos);
  std::filesystem::permissions(folder / "local.json", std::filesystem::perms{0644});
  CHECK(load_local_config(folder));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a field that nobody knows is said once") {
  for (const char* text :
       {R"({"web": {"listen": "127.0.0.1:8443", "other": 1}})",
        R"({"metrics": {"listen": "127.0.0.1:9464", "other": 1}})", R"({"targets": {"F": {"other": 1}}})",
        R"({"jobs": {"F": {"pre_send": {"command": ["x"], "other": 1}}}})"}) {
    CAPTURE(text);
    CHECK(problems_in(text).size() == 1);
  }
}

TEST_CASE("where spans go, and what is wrong with that") {
  auto parsed = parse_local_config(
      R"({"traces": {"endpoint": "https://otel.example:4318/v1/traces", "headers": {"X-Key": "a b"}, "ca": "/c.pem"}})");
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.spans);
  CHECK(parsed.value.spans->endpoint == "https://otel.example:4318/v1/traces");
  CHECK(parsed.value.spans->headers == std::vector<std::pair<std::string, std::string>>{{"X-Key", "a b"}});
  CHECK(parsed.value.spans->ca == "/c.pem");
  CHECK_FALSE(parse_local_config("{}").value.spans);

  for (const char* wrong :
       {R"({})", R"({"endpoint": 1})", R"({"endpoint": "ftp://a/"})", R"({"endpoint": "http://"})",
        R"({"endpoint": "http:///v1"})", R"({"endpoint": "http://:4318/"})",
        R"({"endpoint": "http://u:p@a/"})", R"({"endpoint": "http://a/ b"})",
        R"({"endpoint": "http://a/", "headers": []})", R"({"endpoint": "http://a/", "headers": {"A": 1}})",
        R"({"endpoint": "http://a/", "headers": {"A": "x\r\nB: y"}})",
        R"({"endpoint": "http://a/", "headers": {"A:": "x"}})", R"({"endpoint": "http://a/", "other": 1})"}) {
    INFO(wrong);
    const auto lines = problems_in(R"({"traces": )" + std::string{wrong} + "}");
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines.front(), Catch::StartsWith("traces."));
  }
}
