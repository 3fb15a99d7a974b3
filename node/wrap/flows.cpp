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
  int control; ///< keeps a UDP port alive; -1 for a connected stream
  awaited answer;
};
constexpr int most_rows = 65'536;
row rows[most_rows];
int used_rows, next_row, control_rows, awaiting_rows;

constexpr int most_left = 64;
unsigned long left[most_left]; ///< sockets that were closed while their answer was awaited; the oldest go
int next_left;

[[gnu::constructor]] void prepare_for_fork() {
  pthread_atfork([] { pthread_mutex_lock(&fork_lock); }, [] { pthread_mutex_unlock(&fork_lock); },
                 [] { pthread_mutex_unlock(&fork_lock); });
}

template <class Match>
row* find(Match match) {
  for (int i = used_rows - 1; i >= 0; --i)
    if (match(rows[i])) return &rows[i];
  return nullptr;
}

row* find_awaiting(unsigned long id) {
  return find([&](const row& flow) { return flow.socket == id && flow.answer.sent > 0; });
}

void drop(row& flow) {
  if (flow.control >= 0) {
    real().close(flow.control);
    --control_rows;
  }
  if (flow.answer.sent > 0) --awaiting_rows;
  flow = {};
  flow.control = -1;
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
  if (fresh.control >= 0) ++control_rows;
  if (fresh.answer.sent > 0) ++awaiting_rows;
}

} // namespace

unsigned long socket_id(int fd) {
  struct stat found;
  return ::fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

void remember_peer(int fd, const plain_address& to, const plain_address& via, const awaited& answer) {
  auto id = socket_id(fd);
  guard held;
  if (auto* known = find([&](const row& flow) { return flow.socket == id && flow.control < 0; }))
    drop(*known);
  add({id, to, via, -1, answer});
}

bool awaits_answer(int fd, awaited& answer) {
  if (awaiting_rows == 0) return false;
  auto id = socket_id(fd);
  guard held;
  auto* known = find_awaiting(id);
  if (known) answer = known->answer;
  return known != nullptr;
}

void awaits_no_more(int fd) {
  auto id = socket_id(fd);
  guard held;
  auto* known = find_awaiting(id);
  if (!known) return;
  known->answer = {};
  --awaiting_rows;
}

void leave_to_others(int fd) {
  auto id = socket_id(fd);
  guard held;
  if (auto* oldest = find_awaiting(left[next_left])) drop(*oldest);
  left[next_left] = id;
  next_left = (next_left + 1) % most_left;
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
    auto* known =
        find([&](const row& flow) { return flow.socket == id && flow.control >= 0 && flow.original == to; });
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
  add({id, to, port, control, {}});
  return 0;
}

bool original_source(int fd, const plain_address& port, plain_address& from) {
  if (control_rows == 0) return false;
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
