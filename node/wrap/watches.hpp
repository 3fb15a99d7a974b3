#pragma once
/// An application's `epoll` interest in sockets that are not connected yet. While the gateway of one is
/// dialled the kernel would report what the application is not to see: then the interest is held back.
#include <sys/epoll.h>

namespace hublink::wrap {

/// `epoll_ctl`.
int control_watch(int epoll, int what, int fd, epoll_event* event);

/// With the lock held. `number`: the kernel's of the socket.
void hold_watch(int fd, unsigned long long number);
void release_watch(int fd, unsigned long long number);
/// There is another socket behind the descriptor.
void move_watch(int fd, unsigned long long from, unsigned long long to);

} // namespace hublink::wrap
