#include "node/gateway/beside_ports.hpp"

#include <algorithm>

namespace hublink {

beside_ports::beside_ports(asio::io_context& context, const ip_address& at, const endpoint& application,
                           handler got, notice opened)
    : context_(context), at_(at), application_(application), got_(std::move(got)),
      opened_(std::move(opened)) {}

beside_ports::~beside_ports() {
  for (auto& each : ports_) each.socket->close();
}

bool beside_ports::send(const endpoint& from, byte_view data) {
  auto socket = socket_for(from);
  return socket && socket->send(application_, data);
}

std::shared_ptr<udp_socket> beside_ports::socket_for(const endpoint& from) {
  auto known = std::ranges::find(ports_, from, &port::stands_for);
  if (known != ports_.end()) return known->socket;
  auto fresh = std::make_shared<udp_socket>(context_);
  if (!fresh->open({at_, 0})) return nullptr;
  fresh->read([this, from](const endpoint& sender, byte_view data) {
    if (sender == application_) got_(from, data);
  });
  if (ports_.size() == most) {
    ports_.front().socket->close();
    ports_.pop_front();
  }
  ports_.push_back({from, fresh});
  if (opened_) opened_({at_, fresh->port()}, from);
  return fresh;
}

} // namespace hublink
