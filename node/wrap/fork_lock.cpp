#include "fork_lock.hpp"

#include <new>

namespace hublink::wrap {

namespace {

alignas(guard) unsigned char over_fork[sizeof(guard)]; ///< one thread forks at a time: it has the lock

void lock() { new (over_fork) guard; }
void unlock() { reinterpret_cast<guard*>(over_fork)->~guard(); }

[[gnu::constructor]] void hold_over_fork() { pthread_atfork(lock, unlock, unlock); }

} // namespace

} // namespace hublink::wrap
