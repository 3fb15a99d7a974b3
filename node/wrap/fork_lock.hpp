#pragma once
/// The library's one lock. A child of the application never finds it locked by a thread that it lacks, and a
/// signal handler never finds it locked by its own thread: signals wait meanwhile.
#include <pthread.h>
#include <signal.h>

namespace hublink::wrap {

/// It is held for a moment only: on a busy machine, to sleep would take longer.
inline pthread_mutex_t fork_lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;

/// Not to be held while another is taken, or over a system call that waits. Keeps errno.
struct guard {
  guard() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
    pthread_mutex_lock(&fork_lock);
  }
  ~guard() {
    pthread_mutex_unlock(&fork_lock);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;

 private:
  sigset_t before_;
};

/// False in a child of `vfork`, which has its parent's memory: what it does to descriptors is nothing to
/// remember.
bool is_own_memory();

} // namespace hublink::wrap
