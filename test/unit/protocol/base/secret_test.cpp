#include "protocol/base/secret.hpp"
#include "support/catch.hpp"

#include <type_traits>

using hublink::secret;

static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);

TEST_CASE("a secret takes its text over, and leaves nothing where it stood") {
  for (std::string text : {std::string("short"), std::string(100, 'x')}) {
    auto given = text;
    auto* stood = given.data();
    secret first{std::move(given)};
    CHECK(first.view() == text);
    CHECK(given.empty());
    if (text.size() < 16) CHECK(std::string_view(stood, text.size()) == std::string(text.size(), '\0'));
    auto where = first.view();
    secret second{std::move(first)};
    CHECK(second.view() == text);
    CHECK(first.empty());
    CHECK(where == std::string(text.size(), '\0')); // still that string's memory
    secret third;
    third = std::move(second);
    CHECK(third.view() == text);
  }
  CHECK(secret{}.empty());
}
