#include "flows.hpp"
#include "fork_lock.hpp"
#include "names.hpp"
#include "socket_options.hpp"
#include "socks_client.hpp"

#include <cerrno>
#include <unistd.h>

namespace hublink::wrap {

namespace {

/// A destination of one socket, and the gateway's address that stands for it. The oldest rows are used again.
/// A socket's rows share what keeps their ports alive; one of them is the first.
struct row {
  socket_number socket;
  plain_address original, via;
  int control;                  ///< keeps the port alive
  socket_number control_number; ///< what it was; a stranger may have closed it
  pid_t asker;                  ///< who may ask by it for more: what is said there has no turns
  bool first;                   ///< of the control: closes it, reads what it says
  bool asks;                    ///< first: a port is being asked for
  bool kept;
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
  if (flow.socket && flow.first) {
    auto* heir = find([&](const row& other) {
      return &other != &flow && other.socket && other.control_number == flow.control_number;
    });
    if (heir)
      heir->first = true, heir->asks = flow.asks;
    else if (is_alive(flow))
      real().close(flow.control);
  }
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

row* first_of(int control) {
  auto number = number_of(control);
  return find([&](const row& flow) { return flow.socket && flow.first && flow.control_number == number; });
}

/// Another port of what the first row stands for.
void add_beside(const row& first, const plain_address& original, const plain_address& via) {
  auto fresh = first;
  fresh.original = original;
  fresh.via = via;
  fresh.first = fresh.asks = false;
  add(fresh);
}

/// Who replied beside the destination, as the gateway says it.
void learn_sources(socket_number socket) {
  for (int i = 0; i < used_rows; ++i) {
    auto flow = rows[i];
    if (flow.socket != socket || !flow.first || flow.asks || !is_alive(flow)) continue;
    reply_notice notice;
    while (read_notice(flow.control, notice)) add_beside(flow, notice.stands_for, notice.port);
  }
}

/// The same, of what comes while a port is asked for.
void learn_source(int control, const reply_notice& notice) {
  guard held;
  if (auto* first = first_of(control)) add_beside(row{*first}, notice.stands_for, notice.port);
}

/// Asks by what the socket has already. ECONNRESET: there is nothing that is free, or it is of no use.
int ask_beside(socket_number socket, const plain_address& to, plain_address& port) {
  int control = -1;
  {
    guard held;
    auto* first = find([&](const row& flow) {
      return flow.socket == socket && flow.first && !flow.asks && flow.asker == ::getpid() && is_alive(flow);
    });
    if (!first) return ECONNRESET;
    first->asks = true;
    control = first->control;
  }
  auto error = socks_further_datagrams(control, to, port, learn_source);
  guard held;
  auto* first = first_of(control);
  if (!first) return ECONNRESET; // it was closed meanwhile
  first->asks = false;
  if (!error) {
    add_beside(row{*first}, to, port);
  } else if (error == ECONNRESET) {
    auto number = first->control_number;
    for (int i = 0; i < used_rows; ++i)
      if (rows[i].socket && rows[i].control_number == number) drop(rows[i]);
  }
  return error;
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
  auto socket = number_of(fd);
  if (auto error = ask_beside(socket, to, port); error != ECONNRESET) return error;
  int control = -1;
  if (auto error = socks_datagrams(to, port, control)) return error;
  guard held;
  add({socket, to, port, control, number_of(control), ::getpid(), true, false, false});
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
  for (int i = 0; i < used_rows; ++i) {
    if (rows[i].socket != socket) continue;
    if (rows[i].first && is_alive(rows[i])) real().close(rows[i].control);
    rows[i] = {};
  }
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
