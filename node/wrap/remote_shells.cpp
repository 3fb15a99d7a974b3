// Functions of the C library that connect past `connect`: its remote shells. Where the host is one that is
// taken they are refused, for they would reach it without the gateway.
#include "exec_check.hpp"
#include "names.hpp"
#include "real.hpp"

#include <cerrno>
#include <dlfcn.h>
#include <netinet/in.h>

using namespace hublink::wrap;

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

/// `port` as these functions get it: in the network's order.
bool is_taken(const char* host, int port, int family) {
  if (is_far_name(host)) return true;
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  if (real().getaddrinfo(host, nullptr, &hints, &found) != 0) return false; // nor do they find it
  bool taken = false;
  for (auto* each = found; each && !taken; each = each->ai_next) {
    auto& part = each->ai_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(each->ai_addr)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(each->ai_addr)->sin_port;
    part = static_cast<in_port_t>(port);
    taken = takes(each->ai_addr, each->ai_addrlen);
  }
  ::freeaddrinfo(found);
  return taken;
}

bool may_go(const char* function, char** host, int port, int family) {
  if (direct_is_allowed() || !host || !*host || !is_taken(*host, port, family)) return true;
  say_refused(function, "of the C library connects by itself");
  errno = EACCES;
  return false;
}

} // namespace

extern "C" {

int rcmd_af(char** host, unsigned short port, const char* here, const char* there, const char* command,
            int* errors, sa_family_t family) {
  if (!may_go("rcmd", host, port, family)) return -1;
  return next<decltype(&::rcmd_af)>("rcmd_af")(host, port, here, there, command, errors, family);
}

int rcmd(char** host, unsigned short port, const char* here, const char* there, const char* command,
         int* errors) {
  return rcmd_af(host, port, here, there, command, errors, AF_INET);
}

int rexec_af(char** host, int port, const char* user, const char* password, const char* command, int* errors,
             sa_family_t family) {
  if (!may_go("rexec", host, port, family)) return -1;
  return next<decltype(&::rexec_af)>("rexec_af")(host, port, user, password, command, errors, family);
}

int rexec(char** host, int port, const char* user, const char* password, const char* command, int* errors) {
  return rexec_af(host, port, user, password, command, errors, AF_INET);
}

} // extern "C"
