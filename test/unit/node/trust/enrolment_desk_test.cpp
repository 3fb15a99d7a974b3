#include "node/trust/enrolment_desk.hpp"
#include "support/catch.hpp"

using namespace hublink;
using Catch::Contains;

namespace {

bytes some_request(unsigned number) { return {std::byte(number)}; }

struct desk_of_answers {
  std::chrono::steady_clock::time_point now{std::chrono::hours{1}};
  enrolment_desk desk{[this] { return now; }};
  std::map<std::uint64_t, outcome<enrolled>> told;

  outcome<std::uint64_t> put(unsigned request, const std::string& source, bool proven = false) {
    auto slot = std::make_shared<std::uint64_t>(0);
    auto told_it = [this, slot](const outcome<enrolled>& what) { told.insert_or_assign(*slot, what); };
    auto number = desk.put(some_request(request), source, told_it, proven);
    if (number) *slot = *number;
    return number;
  }
};

} // namespace

TEST_CASE("a desk hands each request to every manager, and one answer back") {
  desk_of_answers of;
  auto first = *of.put(1, "10.0.0.1"), second = *of.put(2, "10.0.0.2");
  auto all = of.desk.after(0);
  REQUIRE(all.size() == 2);
  CHECK(all[0].request == some_request(1));
  CHECK(of.desk.after(first).size() == 1);
  CHECK(of.desk.after(second).empty());
  CHECK(of.desk.after(second + 100).size() == 2); // of an earlier life
  of.desk.answer_with(first, enrolled{"certificate", "ca", "list"});
  of.desk.answer_with(first, failure{errc::failed, {}, "again"});
  of.desk.answer_with(second + 1, failure{errc::failed, {}, "nobody's"});
  REQUIRE(of.told.size() == 1);
  CHECK(of.told.at(first));
  CHECK(of.desk.after(0).size() == 1);
}

TEST_CASE("a manager who can't tell leaves it to another one") {
  desk_of_answers of;
  of.desk.after(0);
  auto number = *of.put(1, "10.0.0.1");
  CHECK_FALSE(of.desk.is_noted(number));
  of.desk.note(number, {errc::not_registered, {}, "no such code"});
  CHECK(of.desk.is_noted(number));
  CHECK(of.told.empty());
  CHECK(of.desk.take_back(number).code == errc::not_registered);
  CHECK(of.desk.after(0).empty());
}

TEST_CASE("who waits in vain hears whether a manager is there") {
  desk_of_answers of;
  CHECK_THAT(of.desk.take_back(*of.put(1, "10.0.0.1")).text, Contains("hublink login"));
  CHECK(of.desk.after(0).empty());
  CHECK_THAT(of.desk.take_back(*of.put(1, "10.0.0.1")).text, Contains("no manager has answered"));
  of.now += std::chrono::hours{1};
  CHECK_THAT(of.desk.take_back(*of.put(1, "10.0.0.1")).text, Contains("hublink login"));
}

TEST_CASE("a desk is bounded, for one address and in all") {
  desk_of_answers of;
  for (unsigned i = 0; i < enrolment_desk::most_of_one; ++i) REQUIRE(of.put(i, "10.0.0.1"));
  CHECK(of.put(9, "10.0.0.1").error().code == errc::busy);
  std::size_t others = 0;
  for (unsigned i = 0; i < 1000; ++i) others += bool(of.put(i, "10.0.1." + std::to_string(i)));
  CHECK(others == enrolment_desk::most - enrolment_desk::most_of_one);
}

TEST_CASE("a manager that waits is woken once") {
  desk_of_answers of;
  int woken = 0;
  auto waits = of.desk.when_after(0, [&] { ++woken; });
  auto first = *of.put(1, "10.0.0.1");
  CHECK(woken == 1);
  CHECK(of.put(2, "10.0.0.2"));
  CHECK(woken == 1);
  auto at_once = of.desk.when_after(first, [&] { ++woken; });
  CHECK(woken == 2);
  auto ended = of.desk.when_after(2, [&] { ++woken; });
  ended.reset();
  CHECK(of.put(3, "10.0.0.3"));
  CHECK(woken == 2);
}

TEST_CASE("strangers take no place from nodes that have a certificate") {
  desk_of_answers of;
  for (unsigned each = 0; each < enrolment_desk::most; ++each)
    REQUIRE(of.put(each, "10.0.0." + std::to_string(each)));
  CHECK_FALSE(of.put(99, "10.0.1.1"));
  constexpr bool proven = true;
  for (unsigned each = 0; each < enrolment_desk::most_known; ++each)
    REQUIRE(of.put(each, "HOST" + std::to_string(each), proven));
  CHECK(of.put(99, "HOST", proven).error().code == errc::busy);
  desk_of_answers other;
  for (unsigned each = 0; each < enrolment_desk::most_of_one; ++each)
    REQUIRE(other.put(each, "HOST1", proven));
  CHECK_FALSE(other.put(9, "HOST1", proven));
  CHECK(other.put(9, "HOST1")); // an address of that name
}
