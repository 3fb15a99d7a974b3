/// Spans as a collector reads them, and what it answers.
#include "node/spans/otlp_json.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("spans are said as OTLP's JSON has them") {
  span one;
  one.trace = "0123456789abcdef0123456789abcdef";
  one.id = "00000000000000aa";
  one.parent = "00000000000000bb";
  one.name = "leg";
  one.kind = span::side::client;
  one.begin = span::time{std::chrono::microseconds{1'700'000'000'000'001}};
  one.end = one.begin + std::chrono::microseconds{5};
  one.attributes = {{"hublink.hop", std::string{"ServerB"}}, {"hublink.bytes", std::int64_t{1} << 60}};
  span root = one;
  root.parent.clear();
  root.error = "no";
  CHECK(to_otlp_json({"HOST1", "net", "1.0"}, {one}) ==
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"hublink"}},)"
        R"({"key":"service.namespace","value":{"stringValue":"net"}},)"
        R"({"key":"service.instance.id","value":{"stringValue":"HOST1"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.0"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"hublink","version":"1.0"},"spans":[)"
        R"({"traceId":"0123456789abcdef0123456789abcdef","spanId":"00000000000000aa",)"
        R"("parentSpanId":"00000000000000bb","name":"leg","kind":3,)"
        R"("startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000000006000",)"
        R"("attributes":[{"key":"hublink.hop","value":{"stringValue":"ServerB"}},)"
        R"({"key":"hublink.bytes","value":{"intValue":"1152921504606846976"}}]}]}]}]})");
  const auto text = to_otlp_json({"HOST1", "net", "1.0"}, {root});
  CHECK_THAT(text, Catch::Contains(R"("status":{"code":2,"message":"no"})"));
  CHECK(text.find("parentSpanId") == text.npos);
}

TEST_CASE("a collector may take a part of them") {
  CHECK(rejected_spans("") == 0);
  CHECK(rejected_spans("{}") == 0);
  CHECK(rejected_spans("[1]") == 0);
  CHECK(rejected_spans(R"({"partialSuccess":{}})") == 0);
  CHECK(rejected_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}})") == 3);
  CHECK(rejected_spans(R"({"partialSuccess":{"rejectedSpans":4}})") == 4);
  CHECK(rejected_spans(R"({"partialSuccess":{"rejectedSpans":-4}})") == 0);
  CHECK(rejected_spans(R"({"partialSuccess":{"rejectedSpans":["x"]}})") == 0);
}
