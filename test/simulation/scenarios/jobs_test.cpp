/// Jobs around a transfer: each runs at least once, however its node ends, and a transfer that waits for one
/// has its result.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

struct shop {
  shop() { on.at("HOST1").disk().put("out/report", content_of("what HOST1 has to say")); }
  ~shop() {
    CHECK(on.quiet(1min));
    CHECK(on.stop_all() == 0);
  }

  job_definition& define(const std::string& node, job_kind kind) {
    auto& job = on.at(node).jobs.by_file["FILE01"][kind];
    job.command = {"job"};
    return job;
  }
  std::vector<std::map<std::string, std::string>>& begun(const std::string& node) {
    return on.at(node).runner().begun;
  }
  transfer_record begin() {
    auto begun = on.send("HOST1", "FILE01");
    REQUIRE((begun && *begun));
    return **begun;
  }
  const transfer_record& outcome_of(const transfer_id& transfer) {
    REQUIRE(on.in.run_until(
        [&] { return on.sent("HOST1", transfer) && is_final(on.sent("HOST1", transfer)->state); }, 5min));
    return *on.sent("HOST1", transfer);
  }
  bool is_published() { return on.at("HOST2").disk().get("in/report").has_value(); }

  universe on{1, three_hubs(), true};
};

} // namespace

TEST_CASE("jobs are told what they are for, and their reports are kept", "[jobs]") {
  shop net;
  net.define("HOST1", job_kind::pre_send);
  net.define("HOST1", job_kind::post_send);
  net.define("HOST2", job_kind::post_receive);
  net.on.start_all();
  auto transfer = net.on.transfer("HOST1", "FILE01").transfer;
  net.on.in.run_for(10s);
  REQUIRE(net.begun("HOST1").size() == 2);
  CHECK(net.begun("HOST1")[0].at("HUBLINK_JOB") == "pre_send");
  auto& after = net.begun("HOST1")[1];
  CHECK(after.at("HUBLINK_JOB") == "post_send");
  CHECK(after.at("HUBLINK_STATE") == "done");
  CHECK(after.at("HUBLINK_TRANSFER") == transfer);
  REQUIRE(net.begun("HOST2").size() == 1);
  CHECK(net.begun("HOST2")[0].at("HUBLINK_FROM") == "HOST1");
  CHECK(net.begun("HOST2")[0].at("HUBLINK_BYTES") == "21");
  CHECK(net.on.sent("HOST1", transfer)->jobs.size() == 2);
  CHECK_FALSE(net.on.sent("HOST1", transfer)->job_due);
  CHECK(net.on.received("HOST2", transfer)->jobs.size() == 1);
  CHECK_FALSE(net.on.received("HOST2", transfer)->job_due);
}

TEST_CASE("what its pre_send job refuses is not sent", "[jobs]") {
  shop net;
  net.define("HOST1", job_kind::pre_send);
  net.define("HOST1", job_kind::post_send).after = job_definition::outcome::failed;
  net.on.at("HOST1").runner().ends = {false, "ended with exit code 3"};
  net.on.start_all();
  auto failed = net.on.transfer("HOST1", "FILE01");
  CHECK(failed.state == transfer_state::failed);
  CHECK(failed.reason->code == errc::job_failed);
  CHECK(failed.attempt == 0);
  net.on.in.run_for(10s);
  CHECK(net.begun("HOST1").size() == 2);
  CHECK_FALSE(net.is_published());
}

TEST_CASE("a job's end is waited for as long as it takes, and its result carried", "[jobs]") {
  shop net;
  net.define("HOST2", job_kind::post_receive).wait = true;
  net.on.at("HOST2").runner().takes = 2min; // longer than a stall
  bool good = GENERATE(true, false);
  net.on.at("HOST2").runner().ends = {good, "ended with exit code 3"};
  net.on.start_all();
  auto transfer = net.begin().transfer;
  REQUIRE(net.on.in.run_until([&] { return net.is_published(); }, 10s));
  net.on.in.run_for(90s);
  CHECK(net.on.sent("HOST1", transfer)->state == transfer_state::running);
  auto& record = net.outcome_of(transfer);
  CHECK(record.state == transfer_state::done);
  CHECK(record.attempt == 1);
  CHECK(record.reason.has_value() == !good);
  REQUIRE(record.jobs.size() == 1);
  CHECK(record.jobs[0].node == "HOST2");
  CHECK(record.jobs[0].result.good == good);
  CHECK(net.begun("HOST2").size() == 1);
}

TEST_CASE("a job runs again after a crash, and its result still comes to the sender", "[jobs]") {
  shop net;
  net.define("HOST2", job_kind::post_receive).wait = true;
  net.on.at("HOST2").runner().takes = 20s;
  net.on.start_all();
  auto transfer = net.begin().transfer;
  REQUIRE(net.on.in.run_until([&] { return net.begun("HOST2").size() == 1; }, 10s));
  auto victim = GENERATE("HOST2", "HOST1", "ServerB");
  net.on.in.run_for(3s);
  net.on.at(victim).crash(true);
  net.on.in.run_for(1s);
  net.on.at(victim).start();
  net.on.in.run_for(2min);
  auto* record = net.on.sent("HOST1", transfer);
  REQUIRE(record);
  CHECK(record->state == transfer_state::done);
  REQUIRE(record->jobs.size() == 1);
  CHECK(record->jobs[0].result.good);
  CHECK(net.begun("HOST2").size() == (victim == std::string{"HOST2"} ? 2 : 1));
  CHECK(net.on.received("HOST2", transfer)->jobs.size() == 1);
}

TEST_CASE("a job that is due runs once, whoever asks for it while its report is written down", "[jobs]") {
  shop net;
  net.define("HOST2", job_kind::post_receive).wait = true;
  net.on.at("HOST2").runner().takes = 20s;
  net.on.start_all();
  auto transfer = net.begin().transfer;
  REQUIRE(net.on.in.run_until([&] { return net.begun("HOST2").size() == 1; }, 10s));
  net.on.at("HOST2").crash(true);
  net.on.in.run_for(1s);
  // The node begins it as it starts, and it ends about when the sender's next attempt asks for it.
  net.on.at("HOST2").runner().takes = 50ms * GENERATE(range(0, 60));
  net.on.at("HOST2").journal().slow = 1000;
  net.on.at("HOST2").start();
  CHECK(net.outcome_of(transfer).state == transfer_state::done);
  net.on.in.run_for(1min);
  CHECK(net.begun("HOST2").size() == 2);
  CHECK(net.on.received("HOST2", transfer)->jobs.size() == 1);
  CHECK_FALSE(net.on.received("HOST2", transfer)->job_due);
}

TEST_CASE("jobs of one file ID run one after the other, and few at once", "[jobs]") {
  shop net;
  net.define("HOST2", job_kind::post_receive);
  net.on.at("HOST2").runner().takes = 10s;
  net.on.start_all();
  for (int i = 0; i < 3; ++i) CHECK(net.outcome_of(net.begin().transfer).state == transfer_state::done);
  CHECK(net.begun("HOST2").size() == 1);
  net.on.in.run_for(10s);
  CHECK(net.begun("HOST2").size() == 2);
  net.on.in.run_for(10s);
  CHECK(net.begun("HOST2").size() == 3);
}
