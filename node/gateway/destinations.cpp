#include "node/gateway/destinations.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/gateway/dial_reason.hpp"
#include "node/socket/connect.hpp"
#include "node/socket/own_address.hpp"

#include <algorithm>

namespace hublink {

destinations::destinations(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
                           stream_watch& watch)
    : context_(context), self_(std::move(self)), book_(std::move(book)), watch_(watch), lookups_(context) {}

std::chrono::milliseconds destinations::search::time_left() const {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - mux::clock::now()),
                  std::chrono::milliseconds{1});
}

void destinations::open(request asked) {
  search there{std::make_shared<const request>(std::move(asked)), {}, mux::clock::now()};
  there.deadline += std::chrono::seconds(self_->proxy.connect_s);
  const auto& [peer, target, wanted, refuse, accept] = *there.what;
  if (target.kind == mux_target::by::host) {
    if (auto no = may_look_up(*self_, target)) return refuse(*no);
    there.to.name = target.name;
    there.to.port = target.where.port;
    return resolve(there);
  }
  auto where = may_deliver(*self_, peer, false, target, is_own_address);
  if (auto no = std::get_if<mux_refusal>(&where)) return refuse(*no);
  there.to = std::get<dial_address>(where);
  if (there.to.is_name()) return resolve(there);
  connect(there, {*there.to.known_endpoint()});
}

// The addresses that were checked are those that are used: a name could lead elsewhere the next time.
void destinations::resolve(const search& there) {
  lookups_.look_up(there.to.name, there.what->peer, there.time_left(), [=, this](const auto& found) {
    if (!there.what->wanted()) return;
    if (!found) return there.what->refuse({lookup_reason(found.error().code), found.error().text});
    endpoints allowed;
    std::optional<mux_refusal> last;
    for (const auto& address : *found) {
      const endpoint where{address, there.to.port};
      if (auto no = may_lead_to(*self_, there.what->target, where, is_own_address))
        last = no;
      else
        allowed.push_back(where);
    }
    if (allowed.empty()) return there.what->refuse(*last);
    connect(there, allowed);
  });
}

void destinations::connect(const search& there, const endpoints& where) {
  auto how = dialling_of(*self_);
  how.timeout = there.time_left();
  auto marks = std::make_shared<own_marks>();
  auto comes_back = [&](const endpoint& each) { return may_come_back(*there.what, each); };
  if (std::ranges::any_of(where, comes_back))
    how.begun = [=, this, left = static_cast<std::uint8_t>(there.what->target.hops_left - 1)](
                    const endpoint& local) { (*marks)[local] = passed_.mark(local, left); };
  connect_plainly(context_, where, how, [=, this](const dialled& got) {
    if (!got.socket) return there.what->refuse({reason_of(got.error), got.text});
    if (!there.what->wanted()) return reset(*got.socket);
    take(there, got.where, *got.socket, *marks);
  });
}

void destinations::take(const search& there, const endpoint& where, tcp::socket& socket, own_marks& marks) {
  const auto& what = *there.what;
  const auto destination = what.target.kind == mux_target::by::gateway ? there.to : dial_address{where};
  let_through way{{}, what.peer, false, false, what.target, destination};
  if (!is_still_let_through(*self_, way, is_own_address)) return what.refuse(refusal::changed());
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
  made->until_end = std::move(marks[local]);
  what.accept(made);
}

// Where one machine is the whole way, a rule that redirects what it sends itself leads back here as well.
bool destinations::may_come_back(const request& what, const endpoint& where) const {
  return is_own_listener(*self_, false, where) || (what.peer == self_->node && self_->proxy.redirect);
}

} // namespace hublink
