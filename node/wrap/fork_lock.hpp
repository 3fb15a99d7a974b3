#pragma once
/// The library's one lock, which a child of the application never finds locked by a thread that it lacks.
#include <pthread.h>

namespace hublink::wrap {

inline pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER;

/// Not to be held while another is taken, or over a system call that waits.
struct guard {
  guard() { pthread_mutex_lock(&fork_lock); }
  ~guard() { pthread_mutex_unlock(&fork_lock); }
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;
};

} // namespace hublink::wrap
