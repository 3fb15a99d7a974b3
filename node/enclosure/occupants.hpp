#pragma once
/// Who is in a network namespace.
namespace hublink {

/// Is any process but this one in the namespace of that descriptor? As far as /proc shows others' to this
/// user.
bool has_occupants(int network);

} // namespace hublink
