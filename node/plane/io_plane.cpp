#include "node/plane/io_plane.hpp"

#include "node/base/io_thread.hpp"
#include "node/circuit/circuit_table.hpp"
#include "node/link/link_table.hpp"
#include "node/plane/acceptor.hpp"
#include "node/plane/enrolment_caller.hpp"
#include "node/socket/name_lookups.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>

#include <pthread.h>

#include <atomic>
#include <thread>

namespace hublink {
namespace {

std::shared_ptr<const link_setup> setup_of(const io_plane_config& config,
                                           std::shared_ptr<asio::ssl::context> tls) {
  hello mine;
  mine.name = config.own.name;
  mine.role = config.own.role;
  mine.incarnation = config.incarnation;
  return std::make_shared<const link_setup>(link_setup{std::move(tls), config.own, std::move(mine)});
}

decltype(acceptor::handler::enrolment) enrolment_by(enrolment_desk* desk, const plane_identity& own) {
  if (!desk) return {};
  auto check = [own](const signing_request& request) -> outcome<> {
    auto holder = check_renewal(request, *own.ca, own.wall_clock());
    return holder ? outcome<>{} : holder.error();
  };
  return [desk, check](tcp::socket socket, std::string source,
                       std::shared_ptr<unproven_connections::ticket> ticket) {
    enrolment_caller::take(std::move(socket), std::move(source), std::move(ticket), *desk, check);
  };
}

} // namespace

/// Everything that lives on the io thread.
struct io_plane::parts {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  worker_pools pools;
  name_lookups lookups{context};
  line_book lines;
  link_table links;
  circuit_table circuits;
  acceptor listener;
  asio::signal_set signals{context};
  std::function<void()> signalled;
  std::atomic<std::uint64_t> last_id{0};
  std::thread thread;

  parts(const io_plane_config& config, std::shared_ptr<asio::ssl::context> tls)
      : pools(config.disks), lines(context, config.self, config.warn_of_system),
        links(context, setup_of(config, std::move(tls)), config.dialling,
              {static_cast<std::size_t>(config.limits.links), static_cast<double>(config.limits.messages)},
              lines, config.warn),
        circuits(context, config.dialling, pools, config.limits, lines),
        listener(context,
                 {static_cast<std::size_t>(std::max(config.limits.connections, 2)), config.limits.handshakes},
                 {[this](tcp::socket socket, auto ticket) {
                    links.accept(++last_id, std::move(socket), std::move(ticket));
                  },
                  [this](tcp::socket socket, const token& key) { circuits.claim(std::move(socket), key); },
                  enrolment_by(config.enrolments, config.own)}) {}

  void wait_for_signal() {
    signals.async_wait([this](std::error_code cancelled, int) {
      if (cancelled) return;
      signalled();
      wait_for_signal();
    });
  }
  void close_all() {
    std::error_code ignored;
    signals.cancel(ignored);
    listener.close();
    links.close_all();
    circuits.close_all();
    lines.close();
    lookups.stop();
  }
};

outcome<std::unique_ptr<io_plane>> io_plane::make(io_plane_config config) {
  auto tls = make_tls_context(config.own);
  if (!tls) return tls.error();
  auto made = std::make_unique<parts>(config, *tls);
  if (config.listens)
    if (auto listening = made->listener.open(config.where); !listening) return listening.error();
  return std::unique_ptr<io_plane>(new io_plane(std::move(made)));
}

io_plane::io_plane(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
io_plane::~io_plane() { stop(); }

void io_plane::start() {
  parts_->thread = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "hublink-io"); // as top and perf show it
    run_handlers(parts_->context, "io thread", [this] { parts_->context.run(); });
  });
}

void io_plane::stop() {
  if (!parts_->thread.joinable()) return;
  asio::post(parts_->context, [this] {
    parts_->close_all();
    parts_->context.stop();
  });
  parts_->thread.join();
  parts_->pools.stop();
}

endpoints io_plane::listens_at() const { return parts_->listener.local(); }
asio::io_context& io_plane::context() { return parts_->context; }

void io_plane::recheck() {
  asio::post(parts_->context, [this] { parts_->links.recheck(); });
}

void io_plane::renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn) {
  asio::post(parts_->context, [this, pair = std::move(pair), warn = std::move(warn)] {
    if (auto done = parts_->links.renew(*pair); !done) warn(done.error());
  });
}

void io_plane::lend(circuit_id circuit, circuit_borrower borrower) {
  asio::post(parts_->context, [this, circuit, borrower = std::move(borrower)] {
    auto lent = parts_->circuits.lend(circuit, borrower.close);
    std::error_code error;
    auto fd = lent ? lent->of.socket.release(error) : -1;
    if (fd >= 0 && !error) return borrower.take(fd, std::move(lent->of.line));
    borrower.close({errc::cut, {}, "the circuit ended before it was used"});
  });
}

void io_plane::give_back(circuit_id circuit, bool is_origin, outcome<> result, std::uint64_t received,
                         std::uint64_t sent) {
  asio::post(parts_->context,
             [=, this] { parts_->circuits.lent_is_over(circuit, is_origin, result, received, sent); });
}

void io_plane::on_signal(std::function<void()> handler) {
  parts_->signalled = std::move(handler);
  for (auto number : {SIGINT, SIGTERM}) parts_->signals.add(number);
  parts_->wait_for_signal();
}

void io_plane::listen(weak_owner<link_acceptor> acceptor) {
  asio::post(parts_->context, [this, acceptor] {
    parts_->links.listen(acceptor);
    parts_->listener.start();
  });
}

link_id io_plane::dial(endpoints where, std::string peer, weak_owner<link_owner> owner) {
  auto id = ++parts_->last_id;
  asio::post(parts_->context, [=, this] { parts_->links.dial(id, where, peer, owner); });
  return id;
}

void io_plane::adopt(link_id link, weak_owner<link_owner> owner) {
  asio::post(parts_->context, [=, this] { parts_->links.adopt(link, owner); });
}

void io_plane::send(link_id link, link_message message) {
  asio::post(parts_->context,
             [this, link, message = std::move(message)] { parts_->links.send(link, message); });
}

void io_plane::hang_up(link_id link) {
  asio::post(parts_->context, [=, this] { parts_->links.hang_up(link); });
}

void io_plane::resolve(std::uint64_t number, std::string host, weak_owner<resolve_owner> owner) {
  asio::post(parts_->context, [=, this] {
    parts_->lookups.look_up(host, {}, lookup_limit, [number, owner](outcome<std::vector<ip_address>> found) {
      owner.tell(resolved{number, std::move(found)});
    });
  });
}

circuit_id io_plane::make_circuit(weak_owner<circuit_owner> owner) {
  auto id = ++parts_->last_id;
  asio::post(parts_->context, [=, this] { parts_->circuits.make(id, owner); });
  return id;
}

void io_plane::goes_over(circuit_id circuit, side where, std::string peer) {
  asio::post(parts_->context, [=, this] { parts_->circuits.goes_over(circuit, where, peer); });
}

line_reports io_plane::lines() const { return parts_->lines.all(); }

token io_plane::expect(circuit_id circuit, side where) {
  auto key = make_token();
  asio::post(parts_->context, [=, this] { parts_->circuits.expect(circuit, where, key); });
  return key;
}

void io_plane::attach(circuit_id circuit, side where, endpoints peer, token key) {
  asio::post(parts_->context, [=, this] { parts_->circuits.attach(circuit, where, peer, key); });
}

void io_plane::run(circuit_id circuit, std::unique_ptr<circuit_end> end,
                   std::unique_ptr<transfer_file> file) {
  asio::post(parts_->context, [this, circuit, end = std::move(end), file = std::move(file)]() mutable {
    parts_->circuits.run(circuit, std::move(end), std::move(file));
  });
}

link_id io_plane::upgrade(circuit_id circuit, std::string peer, weak_owner<link_owner> owner) {
  auto id = ++parts_->last_id;
  asio::post(parts_->context, [=, this] {
    auto& circuits = parts_->circuits;
    auto lent = circuits.lend(circuit, [this, id](const failure& why) { parts_->links.take_down(id, why); });
    if (!lent) return owner.tell(link_down{id, {errc::cut, {}, "the circuit ended before it was used"}});
    bool dials = lent->is_origin;
    parts_->links.begin_inside(
        id, std::move(lent->of.socket), std::move(lent->of.line), dials, peer, owner,
        [&circuits, circuit, dials](const outcome<>& result, std::uint64_t received, std::uint64_t sent) {
          circuits.lent_is_over(circuit, dials, result, received, sent);
        });
  });
  return id;
}

void io_plane::limit(circuit_id circuit, std::uint64_t rate) {
  asio::post(parts_->context, [=, this] { parts_->circuits.limit(circuit, rate); });
}

void io_plane::limit_all(std::uint64_t rate) {
  asio::post(parts_->context, [=, this] { parts_->circuits.limit_all(rate); });
}

void io_plane::resume(circuit_id circuit, verdict answer) {
  asio::post(parts_->context,
             [this, circuit, answer = std::move(answer)] { parts_->circuits.resume(circuit, answer); });
}

void io_plane::close(circuit_id circuit, failure why) {
  asio::post(parts_->context,
             [this, circuit, why = std::move(why)] { parts_->circuits.close(circuit, why); });
}

} // namespace hublink
