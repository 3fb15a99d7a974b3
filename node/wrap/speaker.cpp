#include "speaker.hpp"
#include "socket_options.hpp"

#include <atomic>
#include <pthread.h>
#include <sched.h>

namespace hublink::wrap {

namespace {

constexpr int most_speakers = 256;
std::atomic<unsigned long long> speaking[most_speakers]; ///< sockets, by the kernel's numbers; 0: nobody

std::atomic<unsigned long long>& place_of(unsigned long long socket) {
  return speaking[socket % most_speakers];
}

// Of the threads that a child lacks.
[[gnu::constructor]] void forget_after_fork() {
  pthread_atfork(nullptr, nullptr, [] {
    for (auto& socket : speaking) socket = 0;
  });
}

} // namespace

speaker::speaker(int fd) : socket_(number_of(fd)), speaks_(false) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
  for (;;) {
    unsigned long long nobody = 0;
    speaks_ = place_of(socket_).compare_exchange_strong(nobody, socket_);
    if (speaks_ || nobody == socket_) return;
    ::sched_yield(); // for as long as one is said
  }
}

speaker::~speaker() {
  if (speaks_) place_of(socket_) = 0;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

} // namespace hublink::wrap
