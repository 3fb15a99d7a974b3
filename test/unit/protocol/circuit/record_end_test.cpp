#include "protocol/circuit/record_end.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a record progress is one number of eight bytes") {
  CHECK(decode_progress(encode(progress_record{77}))->bytes == 77);
  CHECK_FALSE(decode_progress(as_bytes("1234567")));
}
