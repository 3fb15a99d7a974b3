#include "node/gateway/destinations.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/gateway/dial_reason.hpp"
#include "node/socket/connect.hpp"
#include "node/socket/own_address.hpp"

namespace hublink {

destinations::destinations(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
                           stream_watch& watch)
    : context_(context), self_(std::move(self)), book_(std::move(book)), watch_(watch), resolver_(context) {}

void destinations::open(request asked) {
  auto what = std::make_shared<const request>(std::move(asked));
  if (what->target.kind == mux_target::by::host) {
    if (auto no = may_look_up(*self_, what->target)) return what->refuse(*no);
    return resolve(what);
  }
  auto where = may_deliver(*self_, what->peer, false, what->target, is_own_address);
  if (auto no = std::get_if<mux_refusal>(&where)) return what->refuse(*no);
  connect(what, std::get<endpoint>(where));
}

// The address that was checked is the one that is used: a name could lead elsewhere the next time.
void destinations::resolve(const shared_request& what) {
  const auto& target = what->target;
  resolver_.async_resolve(
      target.name, std::to_string(target.where.port),
      [=, this](std::error_code error, const tcp::resolver::results_type& found) {
        if (error == asio::error::operation_aborted) return;
        if (error || found.empty())
          return what->refuse({mux_reason::no_address, what->target.name + ": " + error.message()});
        mux_refusal last;
        for (const auto& row : found) {
          auto where = from_asio(row.endpoint());
          auto no = may_connect(*self_, where, is_own_address);
          if (!no) return connect(what, where);
          last = *no;
        }
        what->refuse(last);
      });
}

void destinations::connect(const shared_request& what, const endpoint& where) {
  dial_settings how;
  how.timeout = std::chrono::seconds(self_->proxy.connect_s);
  how.source = self_->address.address;
  auto mark = std::make_shared<std::shared_ptr<void>>();
  if (may_come_back(*what, where))
    how.begun = [=, this, left = static_cast<std::uint8_t>(what->target.hops_left - 1)](
                    const endpoint& local) { *mark = passed_.mark(local, left); };
  connect_plainly(context_, where, how,
                  [=, this](std::error_code error, std::shared_ptr<tcp::socket> socket) {
                    if (error)
                      return what->refuse({reason_of(error), to_string(where) + ": " + error.message()});
                    if (!what->wanted()) return reset(*socket);
                    take(*what, where, *socket, *mark);
                  });
}

void destinations::take(const request& what, const endpoint& where, tcp::socket& socket,
                        std::shared_ptr<void> mark) {
  let_through way{{}, what.peer, false, false, what.target, where};
  if (!is_still_let_through(*self_, way, is_own_address))
    return what.refuse({mux_reason::not_allowed, "the definition changed meanwhile"});
  auto life = life_of(*self_, what.target);
  tune_application(socket.native_handle(), life);
  std::error_code ignored;
  auto local = from_asio(socket.local_endpoint(ignored));
  stream_report report;
  report.gateway = what.target.kind == mux_target::by::gateway ? what.target.name : "address";
  report.peer = what.peer;
  report.calling = false;
  report.from = to_string(local);
  report.to = to_string(where);
  auto made = std::make_shared<gateway_stream>(std::move(socket), book_, book_->begin(std::move(report)));
  made->way = std::move(way);
  made->life = life;
  watch_.add(made);
  made->until_end = std::move(mark);
  what.accept(made);
}

// Where one machine is the whole way, a rule that redirects what it sends itself leads back here as well.
bool destinations::may_come_back(const request& what, const endpoint& where) const {
  return is_own_listener(*self_, false, where) || (what.peer == self_->node && self_->proxy.redirect);
}

} // namespace hublink
