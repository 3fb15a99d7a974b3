#pragma once
/// Commands about nodes that want to become part of the network: `invite` at a manager, and what a manager
/// and a server say to each other, `enrolments` and `enrol`.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> enrolment_verbs();

} // namespace hublink
