#pragma once
/// One at a time says a connection's opening; others leave it to that one. Signals wait meanwhile: a handler
/// may leave by `longjmp`.
#include <signal.h>

namespace hublink::wrap {

class speaker {
 public:
  explicit speaker(int fd);
  ~speaker();
  speaker(const speaker&) = delete;
  speaker& operator=(const speaker&) = delete;

  /// False: another one is about to say it.
  explicit operator bool() const { return speaks_; }

 private:
  unsigned long long socket_;
  bool speaks_;
  sigset_t before_;
};

} // namespace hublink::wrap
