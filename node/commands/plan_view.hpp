#pragma once
/// What `plan` shows, as text.
#include "node/definition/transfer_plan.hpp"

#include <iosfwd>

namespace hublink {

void print_plan(std::ostream& out, const definition& self);
void print_plan(std::ostream& out, const transfer_plan& plan);

} // namespace hublink
