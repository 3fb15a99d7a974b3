/// A transfer that waits for a job of its receiver: the result comes behind the receipt, and is the
/// receiver's own word.
#include "support/catch.hpp"
#include "transfer_fixture.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

struct waits_for_job : transfer_fixture {
  explicit waits_for_job(job_result how = {true, "3 rows"}) {
    driver.source.content = some_content(5000);
    driver.source.facts.size = 5000;
    driver.receiver_owner.answers<question::offer>(decision::welcome{.job_follows = true});
    driver.receiver_owner.answers<question::published>(decision::job_ended{std::move(how)});
  }

  const job_result* told() const {
    auto* told = driver.sender_owner.find<question::job_ended>();
    return told ? &told->how : nullptr;
  }

  /// The job's record alone goes through `change`.
  void change_result(std::function<std::vector<bytes>(const passing_record&)> change) {
    driver.on_the_way = [change = std::move(change)](const passing_record& record) {
      return record.type == record_type::job_result ? change(record) : std::vector<bytes>{record.whole};
    };
  }
};

} // namespace

TEST_CASE("the sender's owner is told how the job ended, before the end", "[jobs]") {
  waits_for_job t{{false, "ended with exit code 3"}};
  t.run(GENERATE(range(1u, 20u)));
  CHECK(t.driver.sent.done());
  REQUIRE(t.told());
  CHECK_FALSE(t.told()->good);
  CHECK(t.told()->text == "ended with exit code 3");
}

TEST_CASE("a transfer that is known has its stored receipt and its result", "[jobs]") {
  waits_for_job t;
  t.run();
  auto* publishing = t.driver.receiver_owner.find<question::publishing>();
  REQUIRE(publishing);
  t.driver.receiver_owner.answers<question::offer>(
      decision::already_done{publishing->receipt, job_result{true, "4 rows"}});
  ++t.sending.offer.attempt;
  t.driver.sent = t.driver.received = {};
  t.driver.sender_owner.asked.clear();
  t.run(2);
  CHECK(t.driver.sent.done());
  REQUIRE(t.told());
  CHECK(t.told()->text == "4 rows");
}

TEST_CASE("a receipt without the result that it announced confirms nothing yet", "[jobs]") {
  waits_for_job t;
  t.change_result([](const passing_record&) { return std::vector<bytes>{}; });
  t.run(GENERATE(range(1u, 10u)));
  CHECK(t.driver.sent.code() == errc::unconfirmed);
  CHECK(t.published());
  CHECK_FALSE(t.told());
}

TEST_CASE("a result that was altered on its way is not believed", "[jobs]") {
  waits_for_job t;
  t.change_result(
      [](const passing_record& record) { return std::vector<bytes>{with_flipped_bit(record.whole, 40)}; });
  t.run(GENERATE(range(1u, 10u)));
  CHECK(t.driver.sent.code() == errc::unconfirmed);
  CHECK_FALSE(t.told());
}

TEST_CASE("a result that nobody announced must not come", "[jobs]") {
  waits_for_job t;
  t.driver.receiver_owner.answers<question::offer>(decision::welcome{});
  t.run(GENERATE(range(1u, 10u)));
  CHECK_FALSE(t.told());
  CHECK(t.published());
}
