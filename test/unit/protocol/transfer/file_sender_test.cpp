#include "protocol/transfer/file_sender.hpp"
#include "support/catch.hpp"

#include "protocol/circuit/record_end.hpp"

#include <algorithm>

using namespace hublink;

namespace {

constexpr std::uint32_t chunk = 16;

std::string expected_digest(byte_view content) {
  file_digest running{digest_kind::xxh128};
  running.add(content);
  return running.text();
}

/// A source in memory, as its end's driver would read it.
struct source {
  bytes content = bytes(40, std::byte{7});
  file_sender file;

  source() {
    file_facts facts;
    facts.size = content.size();
    file.opened(facts);
  }
  void read(const end_step& step) {
    if (auto* wanted = std::get_if<read_file>(&step))
      std::ranges::copy(byte_view{content}.subspan(wanted->offset, wanted->into.size()),
                        wanted->into.begin());
    file.completed();
  }
  file_sender::prefix compare(const checkpoint& expected) {
    file.compare(prefix_check{expected});
    while (auto step = file.compare_on()) read(*step);
    return file.take_prefix(digest_kind::xxh128);
  }
  void begin(file_sender::prefix from) {
    header_record header;
    header.chunk_size = chunk;
    header.start_chunk = from.bytes / chunk + 1;
    file.begin(outgoing_stream{header, content_key{}, content.size(), std::move(from.digest)});
  }
};

} // namespace

TEST_CASE("a source goes out chunk by chunk, and is looked at before the last one") {
  source from;
  from.begin(from.compare({}));
  std::vector<std::string> steps;
  for (auto next = from.file.send_on(); *next; next = from.file.send_on()) {
    if (std::holds_alternative<recheck_file>(**next)) {
      steps.push_back("recheck");
      REQUIRE(from.file.rechecked(from.file.facts()));
      continue;
    }
    steps.push_back(std::holds_alternative<read_file>(**next) ? "read" : "send");
    CHECK(from.file.is_between_chunks() == (steps.back() == "read"));
    from.read(**next);
  }
  CHECK(steps == std::vector<std::string>{"read", "send", "read", "send", "read", "recheck", "send"});
  CHECK(from.file.digest() == expected_digest(from.content));
  CHECK(from.file.progress().bytes == 40);
}

TEST_CASE("a source that changed meanwhile is not sent to its end") {
  source from;
  from.begin(from.compare({}));
  auto changed = from.file.facts();
  ++changed.modified_ns;
  CHECK(from.file.rechecked(changed).error().code == errc::file_changed);
}

TEST_CASE("what the other side has counts only if the source still begins with it") {
  source from;
  auto first = byte_view{from.content}.first(2 * chunk);
  SECTION("it does") {
    auto prefix = from.compare({2 * chunk, expected_digest(first)});
    CHECK(prefix.bytes == 2 * chunk);
    CHECK(from.file.progress().safe == 2 * chunk);
    from.begin(std::move(prefix));
    for (auto next = from.file.send_on(); *next; next = from.file.send_on())
      std::holds_alternative<recheck_file>(**next) ? void(from.file.rechecked(from.file.facts()))
                                                   : from.read(**next);
    CHECK(from.file.digest() == expected_digest(from.content));
  }
  SECTION("it does not") {
    auto prefix = from.compare({2 * chunk, expected_digest(bytes(2 * chunk))});
    CHECK(prefix.bytes == 0);
    CHECK(from.file.progress().safe == 0);
  }
}

TEST_CASE("a sign of life says no more than there is") {
  source from;
  CHECK(from.file.take_progress(encode(progress_record{41}), true).error().code == errc::bad_message);
  CHECK(from.file.take_progress(encode(progress_record{30}), false));
  CHECK(from.file.progress().safe == 0);
  CHECK(from.file.take_progress(encode(progress_record{30}), true));
  CHECK(from.file.progress().safe == 30);
}
