#include "fork_lock.hpp"

#include <new>
#include <unistd.h>

namespace hublink::wrap {

namespace {

alignas(guard) unsigned char over_fork[sizeof(guard)]; ///< one thread forks at a time: it has the lock

void lock() { new (over_fork) guard; }
void unlock() { reinterpret_cast<guard*>(over_fork)->~guard(); }

pid_t owner;

[[gnu::constructor]] void hold_over_fork() {
  owner = ::getpid();
  pthread_atfork(lock, unlock, [] {
    owner = ::getpid();
    unlock();
  });
}

} // namespace

bool is_own_memory() { return ::getpid() == owner; }

} // namespace hublink::wrap
