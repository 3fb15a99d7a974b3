#include "node/process/local_fit.hpp"
#include "support/catch.hpp"

using namespace hublink;
using Catch::Contains;

TEST_CASE("a job for what the definition does not have is a warning, and none once it fits") {
  definition self;
  self.node = "HOST1";
  self.sends["FILE01"];
  self.receives["FILE02"];
  job_table jobs;
  jobs.by_file["FILE01"][job_kind::pre_send] = {};
  jobs.by_file["FILE02"][job_kind::post_receive] = {};
  jobs.by_file["*"][job_kind::post_send] = {};
  CHECK(misfits(jobs, self).empty());
  jobs.by_file["FILE01"][job_kind::post_receive] = {};
  jobs.by_file["FILE02"][job_kind::post_send] = {};
  auto found = misfits(jobs, self);
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0], Contains("jobs.FILE01.post_receive: HOST1 does not receive FILE01"));
  CHECK_THAT(found[1], Contains("jobs.FILE02.post_send: HOST1 does not send FILE02"));
  self.receives["FILE01"];
  self.sends["FILE02"];
  CHECK(misfits(jobs, self).empty());
}
