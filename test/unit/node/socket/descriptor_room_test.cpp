#include "node/socket/descriptor_room.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;

TEST_CASE("the last descriptors are for commands, those before for links, and most are for all") {
  using kind = entrance_kind;
  for (std::uint64_t most : {32, 64, 256, 1024, 4096, 1'048'576}) {
    CAPTURE(most);
    auto first_refused = [&](kind of) {
      int number = 0;
      while (leaves_room(number, of, most)) ++number;
      return std::uint64_t(number);
    };
    CHECK(first_refused(kind::control) == most);
    CHECK(most - first_refused(kind::node) >= 4);
    CHECK(first_refused(kind::node) - first_refused(kind::application) >= 8);
    CHECK(most - first_refused(kind::application) <= std::max<std::uint64_t>(most * 5 / 32, 12));
  }
}
