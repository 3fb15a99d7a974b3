// libhublink_wrap.so: stands in for the system's functions and sends an application's connections and
// datagrams to the calling gateway. docs/reference/wrap.md, "Unchanged applications".
#include "addresses.hpp"
#include "connection.hpp"
#include "datagrams.hpp"
#include "direct_peers.hpp"
#include "flows.hpp"
#include "names.hpp"
#include "own_port.hpp"
#include "socket_options.hpp"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>

using namespace hublink::wrap;

namespace hublink::wrap {

namespace {

real_functions the_real;
pthread_once_t found = PTHREAD_ONCE_INIT;

template <class Function>
void look_up(Function& into, const char* name) {
  into = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int fail(int error) {
  errno = error;
  return -1;
}

/// Who wrote to the application directly is answered so, unless it was the application that began; who
/// replied through the gateway is answered there, whatever is taken.
bool is_taken_datagram(int fd, const void* to, socklen_t size) {
  auto* where = static_cast<const sockaddr*>(to);
  const bool taken = to && takes(where, size);
  plain_address wanted, port;
  if (!taken && (!to || current().replies_from == 0)) return false;
  if (!plain(where, size, wanted) || protocol_of(fd) != IPPROTO_UDP) return false;
  return (taken && !is_direct_peer(wanted)) || known_port(fd, wanted, port);
}

/// Says the original source instead of the gateway's. `room`: of the buffer at `from`; `size`: as the kernel
/// said.
void restore(int fd, sockaddr* from, socklen_t room, socklen_t& size) {
  plain_address port, original;
  if (!from || !plain(from, size < room ? size : room, port) || protocol_of(fd) != IPPROTO_UDP) return;
  note connected;
  if (original_source(fd, port, original))
    show(original, from->sa_family, from, room, size);
  else if (read_note(fd, connected))
    show(connected.original, from->sa_family, from, room, size);
  else if (takes(from, size))
    remember_direct_peer(port);
}

/// Sockets that go to others with the message.
void keep_passed(const msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(const_cast<msghdr*>(&message), part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
      int passed = -1;
      std::memcpy(&passed, reinterpret_cast<unsigned char*>(part) + at, sizeof passed);
      keep(passed);
    }
  }
}

/// Of data with the connection (MSG_FASTOPEN): it waits for the connection.
bool connects(int fd, const void* to, socklen_t size, int flags) {
  return to && (flags & MSG_FASTOPEN) && takes(static_cast<const sockaddr*>(to), size) && is_stream(fd);
}

ssize_t receive_from(int fd, void* data, size_t size, int flags, sockaddr* from, socklen_t* from_size) {
  socklen_t room = from_size ? *from_size : 0;
  auto got = real().recvfrom(fd, data, size, flags, from, from_size);
  if (got >= 0 && from && from_size) restore(fd, from, room, *from_size);
  return got;
}

} // namespace

const real_functions& real() {
  pthread_once(&found, [] {
    look_up(the_real.connect, "connect");
    look_up(the_real.shutdown, "shutdown");
    look_up(the_real.close, "close");
    look_up(the_real.dup2, "dup2");
    look_up(the_real.dup3, "dup3");
    look_up(the_real.close_range, "close_range");
    look_up(the_real.closefrom, "closefrom");
    look_up(the_real.getpeername, "getpeername");
    look_up(the_real.getsockopt, "getsockopt");
    look_up(the_real.send, "send");
    look_up(the_real.sendto, "sendto");
    look_up(the_real.sendmsg, "sendmsg");
    look_up(the_real.sendmmsg, "sendmmsg");
    look_up(the_real.recvfrom, "recvfrom");
    look_up(the_real.recvmsg, "recvmsg");
    look_up(the_real.recvmmsg, "recvmmsg");
    look_up(the_real.write, "write");
    look_up(the_real.writev, "writev");
    look_up(the_real.poll, "poll");
    look_up(the_real.ppoll, "ppoll");
    look_up(the_real.select, "select");
    look_up(the_real.pselect, "pselect");
    look_up(the_real.epoll_ctl, "epoll_ctl");
    look_up(the_real.epoll_create1, "epoll_create1");
    look_up(the_real.epoll_wait, "epoll_wait");
    look_up(the_real.getaddrinfo, "getaddrinfo");
    look_up(the_real.getaddrinfo_a, "getaddrinfo_a");
    look_up(the_real.getnameinfo, "getnameinfo");
    look_up(the_real.gethostbyaddr, "gethostbyaddr");
    look_up(the_real.gethostbyaddr_r, "gethostbyaddr_r");
    look_up(the_real.gethostbyname, "gethostbyname");
    look_up(the_real.gethostbyname2, "gethostbyname2");
    look_up(the_real.gethostbyname_r, "gethostbyname_r");
    look_up(the_real.gethostbyname2_r, "gethostbyname2_r");
  });
  return the_real;
}

} // namespace hublink::wrap

extern "C" {

// On a blocking socket it returns when the destination has answered: so a refusal is `connect`'s own.
int connect(int fd, const sockaddr* to, socklen_t size) {
  if (to && size >= sizeof to->sa_family && to->sa_family == AF_UNSPEC) return take_back(fd);
  auto kept = errno;
  auto result = [kept](int error) { return error ? fail(error) : (errno = kept, 0); };
  note known;
  switch (progress_of(fd, known)) {
  case progress::waiting:
    return result(go_on_with_connection(fd));
  case progress::refused:
    return result(take_reason(fd));
  case progress::connected: // 0 once, and EISCONN: so says the kernel
    settle(fd, known);
    return result(dial_gateway(fd));
  case progress::none:
    break;
  }
  errno = kept;
  if (is_taken_datagram(fd, to, size)) {
    auto failed = connect_datagrams(fd, to, size);
    return failed ? fail(failed) : 0;
  }
  if (!takes(to, size) || !is_stream(fd)) {
    erase_note(fd); // it may have been connected through the gateway before
    errno = kept;
    return real().connect(fd, to, size);
  }
  if (protocol_of(fd) == multipath && !leave_multipath(fd)) return fail(EPROTONOSUPPORT);
  plain_address wanted;
  plain(to, size, wanted);
  return result(begin_connection(fd, wanted));
}

// The same function by its other name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the C library's name
int __connect(int fd, const sockaddr* to, socklen_t size) { return connect(fd, to, size); }

// Before the answer it takes the request back, as before a handshake is over.
int shutdown(int fd, int how) {
  auto kept = errno;
  note known;
  bool waits = progress_of(fd, known) == progress::waiting;
  errno = kept;
  if (!waits) return real().shutdown(fd, how);
  take_back(fd);
  errno = kept;
  return 0;
}

// The kernel says of a refused connection only that it was reset.
int getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  bool error = level == SOL_SOCKET && name == SO_ERROR;
  if ((!error && !is_changed_while_waiting(level, name)) || !value || !size)
    return real().getsockopt(fd, level, name, value, size);
  auto kept = errno;
  note known;
  auto now = progress_of(fd, known);
  if (now == progress::connected || (now == progress::refused && !error)) settle(fd, known);
  auto reason = now == progress::refused && error ? reason_of(fd) : 0;
  errno = kept;
  auto result = real().getsockopt(fd, level, name, value, size);
  if (result == 0 && now == progress::waiting && !error) show_own(level, name, known, value, *size);
  if (result == 0 && reason) std::memcpy(value, &reason, *size < sizeof reason ? *size : sizeof reason);
  return result;
}

int getpeername(int fd, sockaddr* peer, socklen_t* size) {
  auto kept = errno;
  note known;
  auto now = progress_of(fd, known);
  if (now == progress::waiting) return fail(ENOTCONN);
  errno = kept;
  if (now == progress::connected) settle(fd, known);
  if (!peer || !size) return real().getpeername(fd, peer, size);
  auto room = *size;
  auto result = real().getpeername(fd, peer, size);
  if (result != 0) return result;
  if (read_note(fd, known)) show(known.original, peer->sa_family, peer, room, *size);
  errno = kept;
  return result;
}

ssize_t sendto(int fd, const void* data, size_t length, int flags, const sockaddr* to, socklen_t size) {
  if (connects(fd, to, size, flags)) {
    if (connect(fd, to, size) != 0) return -1;
    return real().sendto(fd, data, length, flags & ~MSG_FASTOPEN, nullptr, 0);
  }
  if (!to) renew_port(fd);
  if (!is_taken_datagram(fd, to, size))
    return with_reason(fd, real().sendto(fd, data, length, flags, to, size));
  sockaddr_storage port;
  socklen_t port_size = 0;
  if (auto error = redirect(fd, to, size, port, port_size)) return fail(error);
  return real().sendto(fd, data, length, flags, reinterpret_cast<sockaddr*>(&port), port_size);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!message) return real().sendmsg(fd, message, flags);
  auto redirected = *message;
  if (connects(fd, message->msg_name, message->msg_namelen, flags)) {
    if (connect(fd, static_cast<sockaddr*>(message->msg_name), message->msg_namelen) != 0) return -1;
    redirected.msg_name = nullptr;
    redirected.msg_namelen = 0;
    return real().sendmsg(fd, &redirected, flags & ~MSG_FASTOPEN);
  }
  if (message->msg_controllen > 0) keep_passed(*message);
  if (!message->msg_name) renew_port(fd);
  if (!is_taken_datagram(fd, message->msg_name, message->msg_namelen))
    return with_reason(fd, real().sendmsg(fd, message, flags));
  sockaddr_storage port;
  auto* to = static_cast<const sockaddr*>(message->msg_name);
  if (auto error = redirect(fd, to, message->msg_namelen, port, redirected.msg_namelen)) return fail(error);
  redirected.msg_name = &port;
  return real().sendmsg(fd, &redirected, flags);
}

int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  bool taken = false;
  for (unsigned i = 0; i < count && !taken; ++i)
    taken = is_taken_datagram(fd, messages[i].msg_hdr.msg_name, messages[i].msg_hdr.msg_namelen) ||
            connects(fd, messages[i].msg_hdr.msg_name, messages[i].msg_hdr.msg_namelen, flags);
  if (!taken) return real().sendmmsg(fd, messages, count, flags);
  for (unsigned i = 0; i < count; ++i) {
    auto sent = sendmsg(fd, &messages[i].msg_hdr, flags);
    if (sent < 0) return i > 0 ? int(i) : -1;
    messages[i].msg_len = static_cast<unsigned>(sent);
  }
  return int(count);
}

ssize_t recvfrom(int fd, void* data, size_t size, int flags, sockaddr* from, socklen_t* from_size) {
  return receive_from(fd, data, size, flags, from, from_size);
}

// What `recvfrom` is in programs that were compiled with _FORTIFY_SOURCE.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the C library's name
ssize_t __recvfrom_chk(int fd, void* data, size_t size, size_t, int flags, sockaddr* from,
                       socklen_t* from_size) {
  return receive_from(fd, data, size, flags, from, from_size);
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!message) return real().recvmsg(fd, message, flags);
  auto room = message->msg_namelen;
  auto got = real().recvmsg(fd, message, flags);
  if (got >= 0) restore(fd, static_cast<sockaddr*>(message->msg_name), room, message->msg_namelen);
  return got;
}

int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  auto got = real().recvmmsg(fd, messages, count, flags, timeout);
  for (int i = 0; i < got; ++i) {
    auto& message = messages[i].msg_hdr;
    restore(fd, static_cast<sockaddr*>(message.msg_name), sizeof(sockaddr_storage), message.msg_namelen);
  }
  return got;
}

} // extern "C"
