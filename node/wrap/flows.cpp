#include "flows.hpp"
#include "fork_lock.hpp"
#include "real.hpp"
#include "socks_client.hpp"

#include <sys/stat.h>

namespace hublink::wrap {

namespace {

/// A destination of one socket, and the gateway's address that stands for it. The oldest rows are used again.
struct row {
  unsigned long socket;
  plain_address original, via;
  int control; ///< keeps the port alive
};
constexpr int most_rows = 65'536;
row rows[most_rows];
int used_rows, next_row;

template <class Match>
row* find(Match match) {
  for (int i = used_rows - 1; i >= 0; --i)
    if (match(rows[i])) return &rows[i];
  return nullptr;
}

void drop(row& flow) {
  if (flow.socket) real().close(flow.control);
  flow = {};
}

void add(const row& fresh) {
  auto* place = find([](const row& flow) { return flow.socket == 0; });
  if (!place) {
    place = &rows[next_row];
    if (used_rows < most_rows)
      ++used_rows;
    else
      drop(*place);
    next_row = (next_row + 1) % most_rows;
  }
  *place = fresh;
}

} // namespace

unsigned long socket_id(int fd) {
  struct stat found;
  return ::fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

bool original_peer(int fd, const plain_address& via, plain_address& to) {
  auto id = socket_id(fd);
  guard held;
  auto* known = find([&](const row& flow) { return flow.socket == id && flow.via == via; });
  if (known) to = known->original;
  return known != nullptr;
}

int port_towards(int fd, const plain_address& to, plain_address& port) {
  auto id = socket_id(fd);
  {
    guard held;
    auto* known = find([&](const row& flow) { return flow.socket == id && flow.original == to; });
    if (known) {
      port = known->via;
      return 0;
    }
  }
  sockaddr_storage where;
  int control = -1;
  if (auto error = socks_datagrams(to, where, control)) return error;
  plain(reinterpret_cast<sockaddr*>(&where), sizeof where, port);
  guard held;
  add({id, to, port, control});
  return 0;
}

bool original_source(int fd, const plain_address& port, plain_address& from) {
  if (used_rows == 0) return false;
  return original_peer(fd, port, from);
}

void forget(int fd) {
  if (used_rows == 0) return;
  auto id = socket_id(fd);
  if (id == 0) return;
  guard held;
  for (int i = 0; i < used_rows; ++i)
    if (rows[i].socket == id) drop(rows[i]);
}

} // namespace hublink::wrap
