// System calls by way of the C library's `syscall` and of liburing. Those that a program makes by itself are
// not to be seen from here.
#include "exec_check.hpp"

#include <cerrno>
#include <cstdarg>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace hublink::wrap;

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

template <class Value>
Value as(long word) {
  return reinterpret_cast<Value>(word); // NOLINT(performance-no-int-to-ptr): so the kernel takes it, too
}

using call = long (*)(long, long, long, long, long, long, long);
call the_real;

[[gnu::constructor]] void look_up_at_the_beginning() { the_real = next<call>("syscall"); }

} // namespace

extern "C" {

long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long),
       e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (!the_real) look_up_at_the_beginning();
  switch (number) {
  case SYS_connect:
    return connect(int(a), as<const sockaddr*>(b), socklen_t(c));
  case SYS_sendto:
    return sendto(int(a), as<const void*>(b), size_t(c), int(d), as<const sockaddr*>(e), socklen_t(f));
  case SYS_sendmsg:
    return sendmsg(int(a), as<const msghdr*>(b), int(c));
  case SYS_sendmmsg:
    return sendmmsg(int(a), as<mmsghdr*>(b), unsigned(c), int(d));
  case SYS_recvfrom:
    return recvfrom(int(a), as<void*>(b), size_t(c), int(d), as<sockaddr*>(e), as<socklen_t*>(f));
  case SYS_recvmsg:
    return recvmsg(int(a), as<msghdr*>(b), int(c));
  case SYS_getpeername:
    return getpeername(int(a), as<sockaddr*>(b), as<socklen_t*>(c));
  case SYS_close:
    return close(int(a));
  case SYS_execve:
    return execve(as<const char*>(a), as<char* const*>(b), as<char* const*>(c));
  case SYS_execveat:
    return execveat(int(a), as<const char*>(b), as<char* const*>(c), as<char* const*>(d), int(e));
  case SYS_io_uring_setup:
    if (direct_is_allowed()) break;
    errno = ENOSYS; // what it connects and sends is not to be seen; programs do without it
    return -1;
  default:
    break;
  }
  return the_real(number, a, b, c, d, e, f);
}

// liburing makes its system calls by itself.
int io_uring_queue_init(unsigned entries, void* ring, unsigned flags) {
  using function = int (*)(unsigned, void*, unsigned);
  auto real = direct_is_allowed() ? next<function>("io_uring_queue_init") : nullptr;
  return real ? real(entries, ring, flags) : -ENOSYS;
}

int io_uring_queue_init_params(unsigned entries, void* ring, void* how) {
  using function = int (*)(unsigned, void*, void*);
  auto real = direct_is_allowed() ? next<function>("io_uring_queue_init_params") : nullptr;
  return real ? real(entries, ring, how) : -ENOSYS;
}

} // extern "C"
