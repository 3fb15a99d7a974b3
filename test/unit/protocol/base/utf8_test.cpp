#include "protocol/base/utf8.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace hublink;

TEST_CASE("what can be read stays as it is") {
  auto text =
      GENERATE(as<std::string>{}, "", "FILE01", "gr\xc3\xbc\xc3\x9f", "\xe6\x96\x87\xe4\xbb\xb6",
               "\xf0\x9f\x93\x81", "C:\\temp", "a \"b\" <c> %s {}", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
  CHECK(shown_text(text) == text);
}

TEST_CASE("what acts on a terminal or an editor is escaped") {
  struct row {
    std::string text, shown;
  };
  auto each = GENERATE(values<row>({
      {"\x1b]52;c;ZXZpbA==\x07", "\\u001b]52;c;ZXZpbA==\\u0007"},
      {"a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"},
      {std::string("a\0b", 3), "a\\u0000b"},
      {"\x7f\x08", "\\u007f\\u0008"},
      {"\xc2\x9b"
       "31m",
       "\\u009b31m"},
      {"\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0"},
      {"\xe2\x80\xae"
       "gpj.exe",
       "\\u202egpj.exe"},
      {"\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c", "\\u2066\\u2069\\u200f\\u061c"},
      {"\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},
      {"\xe2\x80\x8b\xef\xbb\xbf\xc2\xad", "\\u200b\\ufeff\\u00ad"},
      {"\xf3\xa0\x80\x81", "\\udb40\\udc01"},
      {"\xff\xfe"
       "a\xc3",
       "\\xff\\xfea\\xc3"},
      {"\x9b"
       "31m",
       "\\x9b31m"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xc0\x9b", "\\xc0\\x9b"},
      {"\xef\xbf\xbf", "\\uffff"},
  }));
  CHECK(shown_text(each.text) == each.shown);
  CHECK(shown_text(shown_text(each.text)) == each.shown);
}

TEST_CASE("JSON says the same, and acts no more") {
  nlohmann::ordered_json value{{"a\x1b"
                                "b",
                                "\xe2\x80\xae\x7f\xc2\x9b\n\"\\\xf3\xa0\x80\x81"},
                               {"n", 1.5}};
  auto safe = shown_json(value.dump(2));
  CHECK(nlohmann::ordered_json::parse(safe) == value);
  CHECK_THAT(safe, Catch::Contains("\\u202e\\u007f\\u009b\\n"));
  CHECK(safe.find('\x7f') == safe.npos);
  CHECK(safe.find("\xc2\x9b") == safe.npos);
  CHECK(shown_text(safe.substr(0, safe.find('\n'))) == safe.substr(0, safe.find('\n')));
  CHECK(nlohmann::json::parse(shown_json("\"\xff\"")) == "\xef\xbf\xbd");
}

TEST_CASE("whatever the bytes, what is shown is printable and in one line") {
  auto seed = GENERATE(range(1u, 200u));
  std::string text;
  for (int i = 0; i < 300; ++i) {
    seed = seed * 1664525 + 1013904223;
    text += char(seed >> 24);
  }
  CHECK(is_printable(shown_text(text)));
}
