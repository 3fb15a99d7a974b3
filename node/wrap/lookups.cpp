// The C library's ways from a name to an address, and back. A name that is looked up at the called side gets
// an address that stands in for it, and that address has the name; where there is none, the answer is that of
// a failed look-up: it is never asked for here instead.
#include "names.hpp"
#include "real.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>

using namespace hublink::wrap;

namespace {

/// What is asked for in its place: itself, an address that stands in for it, or null if there is none.
const char* asked_for(const char* name, char (&address)[INET_ADDRSTRLEN]) {
  if (!is_far_name(name)) return name;
  return stand_in_for(name, address) ? address : nullptr;
}

bool has_no_such_address(const char* name, int family) { return family == AF_INET6 && is_far_name(name); }

/// The name of a far one, instead of the address that was asked for in its place.
void name_it(hostent* found) {
  if (!found || !found->h_name) return;
  plain_address address{};
  if (inet_pton(AF_INET, found->h_name, address.octets) != 1) return;
  if (auto* name = name_behind(address)) found->h_name = const_cast<char*>(name);
}

/// Of an answer to `name`, as the C library keeps it: to be freed.
void name_it(addrinfo* found, const char* name) {
  if (!found || !found->ai_canonname) return;
  auto* own = ::strdup(name);
  if (!own) return;
  auto length = std::strlen(own);
  if (length > 1 && own[length - 1] == '.') own[length - 1] = 0;
  std::free(found->ai_canonname);
  found->ai_canonname = own;
}

/// The far name that an address stands in for; null if for none.
const char* name_of(const void* octets, socklen_t size, int family) {
  plain_address address{};
  if (family != AF_INET || size < 4) return nullptr;
  std::memcpy(address.octets, octets, 4);
  return name_behind(address);
}

bool copied(const char* text, char* into, socklen_t room) {
  if (!into || room == 0) return true;
  if (std::strlen(text) >= room) return false;
  std::strcpy(into, text);
  return true;
}

} // namespace

extern "C" {

int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  if (hints && (hints->ai_flags & AI_NUMERICHOST)) return real().getaddrinfo(name, service, hints, found);
  if (hints && has_no_such_address(name, hints->ai_family) && !(hints->ai_flags & AI_V4MAPPED))
    return EAI_NONAME;
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (name && !asked) return EAI_MEMORY;
  auto error = real().getaddrinfo(asked, service, hints, found);
  if (error == 0 && asked != name) name_it(*found, name);
  return error;
}

// Far names wait for nobody: they are answered at once, the others as ever.
int getaddrinfo_a(int mode, gaicb** asked, int count, sigevent* tell) {
  if (!real().getaddrinfo_a) return EAI_SYSTEM;
  gaicb* others[128];
  int left = 0;
  for (int i = 0; i < count; ++i) {
    bool far = asked[i] && is_far_name(asked[i]->ar_name);
    if (!far && left == 128) return EAI_AGAIN;
    if (!far) {
      others[left++] = asked[i];
      continue;
    }
    asked[i]->__return =
        getaddrinfo(asked[i]->ar_name, asked[i]->ar_service, asked[i]->ar_request, &asked[i]->ar_result);
  }
  if (left == count) return real().getaddrinfo_a(mode, asked, count, tell);
  if (left == 0 && mode == GAI_WAIT) return 0;
  return real().getaddrinfo_a(mode, others, left, tell);
}

int getnameinfo(const sockaddr* address, socklen_t size, char* host, socklen_t host_room, char* service,
                socklen_t service_room, int flags) {
  plain_address wanted;
  const bool known = !(flags & NI_NUMERICHOST) && host && plain(address, size, wanted);
  auto* name = known ? name_behind(wanted) : nullptr;
  if (!name) return real().getnameinfo(address, size, host, host_room, service, service_room, flags);
  if (!copied(name, host, host_room)) return EAI_OVERFLOW;
  if (!service || service_room == 0) return 0;
  return real().getnameinfo(address, size, nullptr, 0, service, service_room, flags);
}

hostent* gethostbyname(const char* name) {
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  auto* found = asked ? real().gethostbyname(asked) : nullptr;
  if (!asked) h_errno = NO_RECOVERY;
  if (asked != name) name_it(found);
  return found;
}

hostent* gethostbyname2(const char* name, int family) {
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (asked && !has_no_such_address(name, family)) {
    auto* found = real().gethostbyname2(asked, family);
    if (asked != name) name_it(found);
    return found;
  }
  h_errno = asked ? NO_DATA : NO_RECOVERY;
  return nullptr;
}

int gethostbyname_r(const char* name, hostent* into, char* room, size_t size, hostent** found, int* why) {
  char address[INET_ADDRSTRLEN];
  if (auto* asked = asked_for(name, address)) {
    auto error = real().gethostbyname_r(asked, into, room, size, found, why);
    if (asked != name && error == 0) name_it(*found);
    return error;
  }
  *found = nullptr;
  *why = NO_RECOVERY;
  return ENOENT;
}

int gethostbyname2_r(const char* name, int family, hostent* into, char* room, size_t size, hostent** found,
                     int* why) {
  char address[INET_ADDRSTRLEN];
  auto* asked = asked_for(name, address);
  if (asked && !has_no_such_address(name, family)) {
    auto error = real().gethostbyname2_r(asked, family, into, room, size, found, why);
    if (asked != name && error == 0) name_it(*found);
    return error;
  }
  *found = nullptr;
  *why = asked ? NO_DATA : NO_RECOVERY;
  return ENOENT;
}

hostent* gethostbyaddr(const void* address, socklen_t size, int family) {
  auto* name = name_of(address, size, family);
  return name ? gethostbyname(name) : real().gethostbyaddr(address, size, family);
}

int gethostbyaddr_r(const void* address, socklen_t size, int family, hostent* into, char* room, size_t bytes,
                    hostent** found, int* why) {
  auto* name = name_of(address, size, family);
  return name ? gethostbyname_r(name, into, room, bytes, found, why)
              : real().gethostbyaddr_r(address, size, family, into, room, bytes, found, why);
}

} // extern "C"
