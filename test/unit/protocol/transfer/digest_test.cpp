#include "protocol/transfer/digest.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string digest_of(std::string_view content, digest_kind kind) {
  file_digest running{kind};
  running.add(as_bytes(content));
  return running.text();
}

} // namespace

TEST_CASE("digests are those of xxhsum -H2 and sha256sum") {
  CHECK(digest_of("", digest_kind::xxh128) == "xxh128:99aa06d3014798d86001c324468d497f");
  CHECK(digest_of("hublink\n", digest_kind::xxh128) == "xxh128:1dadf5a7a57ac46791117a7a8855eaaf");
  CHECK(digest_of("", digest_kind::sha256) ==
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest_of("hublink\n", digest_kind::sha256) ==
        "sha256:7b983473c639cfe6f55910655cb6037401e9c5dff8bbb4dfa1becf06e14dec34");
}

TEST_CASE("a digest does not depend on how its data is cut") {
  std::string content;
  for (int i = 0; i < 5000; ++i) content += char(i * 7);
  for (auto kind : {digest_kind::xxh128, digest_kind::sha256}) {
    file_digest running{kind};
    std::string_view rest = content;
    for (std::size_t piece = 1; !rest.empty(); piece = piece * 3 + 1) {
      running.add(as_bytes(rest.substr(0, piece)));
      static_cast<void>(running.text()); // looking changes nothing
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    CHECK(running.text() == digest_of(content, kind));
  }
}

TEST_CASE("only well-formed texts are digests") {
  auto good = digest_of("", digest_kind::xxh128);
  CHECK(is_digest(good, digest_kind::xxh128));
  CHECK_FALSE(is_digest(good, digest_kind::sha256));
  CHECK_FALSE(is_digest(good + "0", digest_kind::xxh128));
  CHECK_FALSE(is_digest(good.substr(0, 38), digest_kind::xxh128));
  CHECK_FALSE(is_digest("xxh128:99AA06D3014798D86001C324468D497F", digest_kind::xxh128));
  CHECK_FALSE(is_digest("xxh128 99aa06d3014798d86001c324468d497f", digest_kind::xxh128));
  CHECK_FALSE(is_digest("", digest_kind::xxh128));
}
