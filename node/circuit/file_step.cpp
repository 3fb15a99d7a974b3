#include "node/circuit/file_step.hpp"

namespace hublink {
namespace {

bool done(circuit_end& end, const std::optional<outcome<>>& result) {
  if (result) report_done(end, *result);
  return result.has_value();
}

bool examined(circuit_end& end, const std::optional<outcome<file_facts>>& facts) {
  if (!facts) return false;
  if (*facts)
    end.opened(**facts);
  else
    end.step_failed(facts->error());
  return true;
}

} // namespace

void report_done(circuit_end& end, const outcome<>& done) {
  if (done)
    end.completed();
  else
    end.step_failed(done.error());
}

bool do_step(end_file& file, circuit_end& end, const open_file&) {
  return examined(end, file.use("open", [](transfer_file& of) { return of.open(); }));
}

bool do_step(end_file& file, circuit_end& end, const read_file& step) {
  return done(end, file.use("read", [&](transfer_file& of) { return of.read(step.offset, step.into); }));
}

bool do_step(end_file& file, circuit_end& end, const recheck_file&) {
  return examined(end, file.use("look", [](transfer_file& of) { return of.recheck(); }));
}

bool do_step(end_file& file, circuit_end& end, const reopen_file& step) {
  return done(end, file.use("open", [&](transfer_file& of) { return of.reopen(step); }));
}

bool do_step(end_file& file, circuit_end& end, const create_file& step) {
  return done(end, file.use("create", [&](transfer_file& of) { return of.create(step); }));
}

// All of it may have to be read.
bool do_step(end_file& file, circuit_end& end, const settle_file& step) {
  return done(end, file.use("publish", [&](transfer_file& of) { return of.settle(step); }));
}

bool do_step(end_file& file, circuit_end& end, const write_file& step) {
  return done(end, file.use("write", [&](transfer_file& of) { return of.write(step.offset, step.data); }));
}

} // namespace hublink
