#include "node/circuit/circuit_table.hpp"

#include "node/circuit/dial_data.hpp"
#include "protocol/circuit/preamble.hpp"

#include <asio/post.hpp>

namespace hublink {
namespace {

/// On a fresh socket there is always room for one byte.
void say(tcp::socket& socket, data_status status) {
  std::error_code ignored; // a socket that broke shows it at its next use
  socket.send(asio::buffer(&status, 1), 0, ignored);
}

} // namespace

circuit_table::circuit_table(asio::io_context& context, dial_settings dialling, worker_pools& pools,
                             const node_limits& limits, line_book& lines)
    : context_(context), dialling_(std::move(dialling)), pools_(pools),
      lines_(lines), patience_{std::chrono::seconds{limits.stall_s}, std::chrono::seconds{limits.work_s}},
      send_limit_(std::make_shared<shared_rate_limit>(limits.rate)), token_limit_(context) {}

circuit_table::circuit* circuit_table::find(circuit_id id) {
  auto found = circuits_.find(id);
  return found == circuits_.end() ? nullptr : &found->second;
}

void circuit_table::make(circuit_id id, weak_owner<circuit_owner> owner) {
  circuits_[id].owner = std::move(owner);
}

void circuit_table::goes_over(circuit_id id, side where, std::string peer) {
  if (auto circuit = find(id)) circuit->peer_at(where) = std::move(peer);
}

void circuit_table::expect(circuit_id id, side where, const token& key) {
  if (!find(id)) return;
  tokens_.add(key, {id, where}, std::chrono::steady_clock::now());
  watch_tokens();
}

void circuit_table::claim(tcp::socket socket, const token& key) {
  auto place = tokens_.claim(key, std::chrono::steady_clock::now());
  say(socket, place ? data_status::accepted : data_status::refused);
  if (place) attached_side(place->circuit, place->where, std::move(socket));
}

void circuit_table::attach(circuit_id id, side where, const endpoints& peer, const token& key) {
  if (!find(id)) return;
  dial_data(context_, peer, key, dialling_, [this, id, where](outcome<std::shared_ptr<tcp::socket>> got) {
    if (!got) return end(id, {.circuit = id, .result = got.error()});
    attached_side(id, where, std::move(**got));
  });
}

void circuit_table::attached_side(circuit_id id, side where, tcp::socket socket) {
  auto circuit = find(id);
  if (!circuit || circuit->in_use() || circuit->at(where)) return reset(socket);
  auto line = lines_.join(circuit->peer_at(where), socket.native_handle());
  circuit->at(where).emplace(std::move(socket), std::move(line));
  circuit->owner.tell(attached{id, where});
  if (circuit->near && circuit->far) join(id, *circuit);
}

void circuit_table::join(circuit_id id, circuit& circuit) {
  circuit.joined = std::make_shared<splicer>(std::move(*circuit.near), std::move(*circuit.far), pipes_,
                                             [this, id](auto report) {
                                               end(id, {.circuit = id,
                                                        .result = std::move(report.result),
                                                        .bytes = report.to_far,
                                                        .bytes_back = report.to_near});
                                             });
  auto joined = circuit.joined; // its end may come at once
  joined->start();
}

void circuit_table::run(circuit_id id, std::unique_ptr<circuit_end> driven,
                        std::unique_ptr<transfer_file> file) {
  auto circuit = find(id);
  if (!circuit || circuit->in_use()) return;
  if (!circuit->near && !circuit->far)
    return end(id, {.circuit = id, .result = failure{errc::failed, {}, "no side is attached"}});
  bool is_origin = circuit->far.has_value();
  auto owner = circuit->owner;
  end_pump::handler events{[owner, id](transfer_progress now) {
                             owner.tell(progressed{id, now});
                           },
                           [owner, id](consult_owner question) {
                             owner.tell(consulted{id, std::move(question)});
                           },
                           [this, id, is_origin](end_pump::report report) {
                             asio::post(context_, [this, id, is_origin, report = std::move(report)] {
                               pump_ended(id, is_origin, report);
                             });
                           }};
  auto& socket = circuit->at(is_origin ? side::far : side::near);
  circuit->pump = std::make_shared<end_pump>(std::move(*socket), std::move(driven), std::move(file), pools_,
                                             pipes_, std::move(events), patience_);
  if (is_origin) circuit->pump->pace({circuit->send_rate, send_limit_});
  circuit->pump->start();
}

void circuit_table::pump_ended(circuit_id id, bool is_origin, end_pump::report report) {
  auto forth = is_origin ? report.sent : report.received, back = is_origin ? report.received : report.sent;
  end(id, {id, std::move(report.result), forth, back, report.content, std::move(report.digest)});
}

std::optional<circuit_table::lent_socket> circuit_table::lend(circuit_id id,
                                                              std::function<void(const failure& why)> stop) {
  auto circuit = find(id);
  if (!circuit || circuit->in_use() || (!circuit->near && !circuit->far)) return {};
  bool is_origin = circuit->far.has_value();
  circuit->stop = std::move(stop);
  return lent_socket{std::move(*std::exchange(circuit->at(is_origin ? side::far : side::near), {})),
                     is_origin};
}

void circuit_table::lent_is_over(circuit_id id, bool is_origin, const outcome<>& result,
                                 std::uint64_t received, std::uint64_t sent) {
  end(id, {.circuit = id,
           .result = result,
           .bytes = is_origin ? sent : received,
           .bytes_back = is_origin ? received : sent});
}

void circuit_table::limit(circuit_id id, std::uint64_t rate) {
  auto circuit = find(id);
  if (!circuit) return;
  circuit->send_rate = rate;
  if (circuit->pump) circuit->pump->change_rate(rate);
}

void circuit_table::limit_all(std::uint64_t rate) {
  send_limit_->change(rate);
  for (auto& [id, circuit] : circuits_)
    if (circuit.pump) circuit.pump->change_rate({});
}

void circuit_table::resume(circuit_id id, const verdict& answer) {
  if (auto circuit = find(id); circuit && circuit->pump) circuit->pump->resume(answer);
}

void circuit_table::close(circuit_id id, const failure& why) {
  auto circuit = find(id);
  if (!circuit) return;
  if (circuit->pump) return circuit->pump->close(why);
  if (auto joined = circuit->joined) return joined->close(why);
  if (auto stop = circuit->stop) return stop(why);
  end(id, {.circuit = id, .result = why});
}

void circuit_table::end(circuit_id id, ended what) {
  auto found = circuits_.find(id);
  if (found == circuits_.end()) return;
  auto last = std::move(found->second);
  circuits_.erase(found);
  tokens_.forget(id);
  if (last.near) last.near->reset();
  if (last.far) last.far->reset();
  last.owner.tell(std::move(what));
}

void circuit_table::close_all() {
  token_limit_.cancel();
  for (auto& [id, circuit] : std::exchange(circuits_, {})) {
    failure why{errc::cancelled, {}, "the node stops"};
    if (circuit.joined) circuit.joined->close(why);
    if (circuit.pump) circuit.pump->close(why);
    if (circuit.near) circuit.near->reset();
    if (circuit.far) circuit.far->reset();
  }
}

void circuit_table::watch_tokens() {
  auto next = tokens_.next_deadline();
  if (!next || std::exchange(watching_, true)) return;
  token_limit_.expires_at(*next);
  token_limit_.async_wait([this](std::error_code cancelled) {
    if (cancelled) return;
    watching_ = false;
    for (auto& late : tokens_.expire(std::chrono::steady_clock::now()))
      end(late.circuit,
          {.circuit = late.circuit, .result = failure{errc::timed_out, {}, "nobody claimed the data token"}});
    watch_tokens();
  });
}

} // namespace hublink
