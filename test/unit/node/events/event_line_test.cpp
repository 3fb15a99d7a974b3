#include "node/events/event_line.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string line(const event::any& what) {
  return to_json_line(
      "ServerA", std::chrono::system_clock::time_point{std::chrono::milliseconds{1767225600007}}, "ab", what);
}

} // namespace

TEST_CASE("events have the fixed names and leave out what is absent") {
  event::told request;
  request.from = "HOST1";
  request.file = "FILE01";
  request.destination = {"HOST2"};
  CHECK(line(request) ==
        R"({"time":"2026-01-01T00:00:00.007000Z","node":"ServerA","event":"told","transfer":"ab",)"
        R"("kind":"transfer","from":"HOST1","file":"FILE01","destination":"HOST2"})");
  request.destination = {"HOST2", "HOST3"};
  request.file.reset();
  request.attempt = 2;
  CHECK(line(request).ends_with(R"("from":"HOST1","destination":["HOST2","HOST3"],"attempt":2})"));
  CHECK(
      line(event::next{
               .host = "HOST2", .address = {}, .hop = "ServerB", .dialled = "127.1.2.1:40000", .by = "route"})
          .ends_with(
              R"("event":"next","transfer":"ab","host":"HOST2","hop":"ServerB","dialled":"127.1.2.1:40000","by":"route"})"));
  CHECK(line(event::closed{5, 6, "cut"}).ends_with(R"("bytes":5,"bytes_back":6,"result":"cut"})"));
  CHECK(line(event::sent{"F", {{"HOST2", "done"}}, 3})
            .ends_with(R"("file":"F","receivers":{"HOST2":"done"},"bytes":3})"));
  CHECK(line(event::closed{5, 6, "cut", "HOST2"}).ends_with(R"("result":"cut","hop":"HOST2"})"));
  CHECK(line(event::login{{"ServerA", "op", {}}})
            .ends_with(R"("event":"login","transfer":"ab","server":"ServerA","user":"op"})"));
  CHECK(line(event::session_lost{{"ServerA", "op", "cut"}})
            .ends_with(
                R"("event":"session_lost","transfer":"ab","server":"ServerA","user":"op","reason":"cut"})"));
  CHECK(line(event::definition{7, "MGR", {}}).ends_with(R"("version":7,"from":"MGR","result":"taken"})"));
  CHECK(line(event::definition{0, "MGR", "cut off"})
            .ends_with(R"("version":0,"from":"MGR","result":"refused","reason":"cut off"})"));
  CHECK(line(event::renewed{"2029-01-01", "2028-01-01"})
            .ends_with(R"("event":"renewed","transfer":"ab","until":"2029-01-01","before":"2028-01-01"})"));
  CHECK(line(event::job{"F", "pre_send", "done", {}})
            .ends_with(R"("event":"job","transfer":"ab","file":"F","job":"pre_send","result":"done"})"));
}
