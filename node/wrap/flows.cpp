#include "flows.hpp"
#include "fork_lock.hpp"
#include "names.hpp"
#include "socket_options.hpp"
#include "socks_client.hpp"

#include <cerrno>

namespace hublink::wrap {

namespace {

/// A destination of one socket, and the gateway's address that stands for it. The oldest rows are used again.
struct row {
  socket_number socket;
  plain_address original, via;
  int control;                  ///< keeps the port alive
  socket_number control_number; ///< what it was; a stranger may have closed it
  bool kept;
  bool shares; ///< the control with another row
};
constexpr int most_rows = 65'536;
row rows[most_rows];
int used_rows, next_row;

/// What keeps the port of a connected socket alive, by descriptor: looked at before each datagram.
struct keeper {
  socket_number number; ///< 0: it is not connected to a port
  int control;
};
constexpr int most_keepers = 1 << 16;
keeper keepers[most_keepers];

template <class Match>
row* find(Match match) {
  for (int i = used_rows - 1; i >= 0; --i)
    if (match(rows[i])) return &rows[i];
  return nullptr;
}

bool is_alive(const row& flow) { return number_of(flow.control) == flow.control_number; }

void drop(row& flow) {
  if (flow.socket && !flow.shares && is_alive(flow)) real().close(flow.control);
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

/// Who replied beside the destination, as the gateway says it.
void learn_sources(socket_number socket) {
  for (int i = 0; i < used_rows; ++i) {
    auto flow = rows[i];
    if (flow.socket != socket || flow.shares || !is_alive(flow)) continue;
    flow.shares = true;
    while (read_notice(flow.control, flow.via, flow.original)) add(flow);
  }
}

} // namespace

bool known_port(int fd, const plain_address& to, plain_address& port) {
  if (used_rows == 0) return false;
  auto socket = number_of(fd);
  guard held;
  auto* known = find([&](const row& flow) { return flow.socket == socket && flow.original == to; });
  if (known && !is_alive(*known)) drop(*known), known = nullptr;
  if (known) port = known->via;
  return known != nullptr;
}

int port_towards(int fd, const plain_address& to, plain_address& port) {
  if (known_port(fd, to, port)) return 0;
  if (name_behind(to)) return EHOSTUNREACH; // the gateway's flows of datagrams take addresses only
  sockaddr_storage where;
  int control = -1;
  if (auto error = socks_datagrams(to, where, control)) return error;
  plain(reinterpret_cast<sockaddr*>(&where), sizeof where, port);
  guard held;
  add({number_of(fd), to, port, control, number_of(control), false, false});
  return 0;
}

void remember_connected(int fd, const plain_address& to) {
  if (fd < 0 || fd >= most_keepers) return;
  auto socket = number_of(fd);
  guard held;
  auto* known = find([&](const row& flow) { return flow.socket == socket && flow.original == to; });
  keepers[fd] = known ? keeper{known->control_number, known->control} : keeper{};
}

bool has_lost_port(int fd) {
  if (fd < 0 || fd >= most_keepers || keepers[fd].number == 0) return false;
  return number_of(keepers[fd].control) != keepers[fd].number;
}

bool original_source(int fd, const plain_address& port, plain_address& from) {
  if (used_rows == 0) return false;
  auto socket = number_of(fd);
  auto is_that = [&](const row& flow) { return flow.socket == socket && flow.via == port; };
  guard held;
  auto* known = find(is_that);
  if (!known && current().replies_from != 0) {
    learn_sources(socket);
    known = find(is_that);
  }
  if (known) from = known->original;
  return known != nullptr;
}

void forget(int fd) {
  if (used_rows == 0 || !is_own_memory()) return;
  if (fd >= 0 && fd < most_keepers) keepers[fd] = {};
  auto socket = number_of(fd);
  if (socket == 0) return;
  guard held;
  auto* known = find([&](const row& flow) { return flow.socket == socket; });
  if (!known || known->kept || has_another_descriptor(fd)) return;
  for (int i = 0; i < used_rows; ++i)
    if (rows[i].socket == socket) drop(rows[i]);
}

void keep(int fd) {
  auto socket = number_of(fd);
  if (used_rows == 0 || socket == 0) return;
  guard held;
  for (int i = 0; i < used_rows; ++i)
    if (rows[i].socket == socket) rows[i].kept = true;
}

bool is_own(int fd) {
  if (used_rows == 0 || fd < 0) return false;
  auto socket = number_of(fd);
  if (socket == 0) return false;
  guard held;
  return find([&](const row& flow) {
           return flow.socket && flow.control == fd && flow.control_number == socket;
         }) != nullptr;
}

void move_own(int fd) {
  if (!is_own_memory() || !is_own(fd)) return;
  guard held;
  auto elsewhere = ::fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);
  if (elsewhere < 0) return;
  for (int i = 0; i < used_rows; ++i)
    if (rows[i].socket && rows[i].control == fd) rows[i].control = elsewhere;
  for (auto& known : keepers)
    if (known.number && known.control == fd) known.control = elsewhere;
}

} // namespace hublink::wrap
