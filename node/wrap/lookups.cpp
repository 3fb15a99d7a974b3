// The C library's ways from a name to an address. A name that is looked up at the called side gets an address
// that stands in for it; where there is none, the answer is that of a failed look-up: it is never asked for
// here instead.
#include "names.hpp"
#include "real.hpp"

#include <cerrno>

using namespace hublink::wrap;

namespace {

/// What is asked for in its place: itself, an address that stands in for it, or null if there is none.
const char* asked_for(const char* name, char (&address)[INET_ADDRSTRLEN]) {
  if (!is_far_name(name)) return name;
  return stand_in_for(name, address) ? address : nullptr;
}

bool has_no_such_address(const char* name, int family) { return family == AF_INET6 && is_far_name(name); }

} // namespace

extern "C" {

int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  if (hints && (hints->ai_flags & AI_NUMERICHOST)) return real().getaddrinfo(name, service, hints, found);
  if (hints && has_no_such_address(name, hints->ai_family) && !(hints->ai_flags & AI_V4MAPPED))
    return EAI_NONAME;
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (name && !asked) return EAI_MEMORY;
  return real().getaddrinfo(asked, service, hints, found);
}

hostent* gethostbyname(const char* name) {
  char address[INET_ADDRSTRLEN];
  if (auto* asked = asked_for(name, address)) return real().gethostbyname(asked);
  h_errno = NO_RECOVERY;
  return nullptr;
}

hostent* gethostbyname2(const char* name, int family) {
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (asked && !has_no_such_address(name, family)) return real().gethostbyname2(asked, family);
  h_errno = asked ? NO_DATA : NO_RECOVERY;
  return nullptr;
}

int gethostbyname_r(const char* name, hostent* into, char* room, size_t size, hostent** found, int* why) {
  char address[INET_ADDRSTRLEN];
  if (auto* asked = asked_for(name, address))
    return real().gethostbyname_r(asked, into, room, size, found, why);
  *found = nullptr;
  *why = NO_RECOVERY;
  return ENOENT;
}

int gethostbyname2_r(const char* name, int family, hostent* into, char* room, size_t size, hostent** found,
                     int* why) {
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (asked && !has_no_such_address(name, family))
    return real().gethostbyname2_r(asked, family, into, room, size, found, why);
  *found = nullptr;
  *why = asked ? NO_DATA : NO_RECOVERY;
  return ENOENT;
}

} // extern "C"
