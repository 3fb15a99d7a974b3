#pragma once
/// The steps of an end that its file alone does: done, and reported to the end. False: the file was given up
/// meanwhile, and whoever asked leaves all else to who did that.
#include "node/circuit/end_file.hpp"
#include "protocol/circuit/circuit_end.hpp"

namespace hublink {

bool do_step(end_file& file, circuit_end& end, const open_file& step);
bool do_step(end_file& file, circuit_end& end, const read_file& step);
bool do_step(end_file& file, circuit_end& end, const recheck_file& step);
bool do_step(end_file& file, circuit_end& end, const reopen_file& step);
bool do_step(end_file& file, circuit_end& end, const create_file& step);
bool do_step(end_file& file, circuit_end& end, const write_file& step);
bool do_step(end_file& file, circuit_end& end, const settle_file& step);

template <class Step>
concept file_step = requires(end_file& file, circuit_end& end, const Step& step) {
  do_step(file, end, step);
};

void report_done(circuit_end& end, const outcome<>& done);

} // namespace hublink
