#pragma once
/// Who gets this node its next certificate, for those who ask him; node/process/own_renewal has him.
#include "actors/base/atoms.hpp"

#include <string>

namespace hublink {

using own_renewal_actor = caf::typed_actor<
    // A tick, and the answer that it waited for.
    caf::reacts_to<caf::tick_atom>, caf::reacts_to<resume_atom>,
    // Asks for the next one now, though it is not due. Answers until when it counts (RFC 3339), or why there
    // is none; who asks meanwhile gets the same answer.
    caf::replies_to<renew_atom>::with<std::string>>;

} // namespace hublink
