#include "node/gateway/own_flows.hpp"
#include "node/gateway/called_datagrams.hpp"
#include "node/gateway/calling_datagrams.hpp"

#include <asio/post.hpp>

namespace hublink {

namespace {

/// The plane numbers its circuits from 1.
constexpr circuit_id calling_circuit = ~circuit_id{0}, called_circuit = calling_circuit - 1;

} // namespace

/// What both ends have in common. What one says comes to the other as if over a link: later, in order.
class own_flows::own_end : public flow_line {
 public:
  own_end(asio::io_context& context, circuit_id circuit, std::string node)
      : context_(context), circuit_(circuit), node_(std::move(node)) {}

  circuit_id circuit() const override { return circuit_; }
  const std::string& peer() const override { return node_; }
  bool takes_streams() const override { return true; }

 protected:
  asio::io_context& context_;

 private:
  circuit_id circuit_;
  std::string node_;
};

class own_flows::calling_end final : public own_end, public std::enable_shared_from_this<calling_end> {
 public:
  using own_end::own_end;

  called_datagrams* called = nullptr;
  std::weak_ptr<flow_line> back;

  outcome<mux_id> open_flow(const mux_target& target) override {
    auto id = ++last_;
    asio::post(context_, [=, self = shared_from_this()] {
      if (auto line = self->back.lock()) self->called->flow_asked(*line, id, target);
    });
    return id;
  }
  void send_datagram(mux_id flow, byte_view data) override {
    asio::post(context_, [flow, copy = bytes(data.begin(), data.end()), self = shared_from_this()] {
      if (auto line = self->back.lock()) self->called->datagram(*line, flow, copy);
    });
  }
  void rule_flow(mux_id flow, const mux_flow_rules& rules) override {
    asio::post(context_, [=, self = shared_from_this()] {
      if (auto line = self->back.lock()) self->called->rule(*line, flow, rules);
    });
  }
  void send_beside(mux_id flow, const endpoint& where, byte_view data) override {
    asio::post(context_, [=, copy = bytes(data.begin(), data.end()), self = shared_from_this()] {
      if (auto line = self->back.lock()) self->called->datagram_beside(*line, flow, where, copy);
    });
  }
  void end_flow(mux_id flow, const mux_refusal& why) override {
    asio::post(context_, [=, self = shared_from_this()] {
      if (auto line = self->back.lock()) self->called->flow_over(*line, flow, why);
    });
  }
  std::shared_ptr<flow_line> share_line() override { return shared_from_this(); }

 private:
  mux_id last_ = 0;
};

class own_flows::called_end final : public own_end, public std::enable_shared_from_this<called_end> {
 public:
  using own_end::own_end;

  calling_datagrams* calling = nullptr;
  std::weak_ptr<flow_line> back;

  outcome<mux_id> open_flow(const mux_target&) override {
    return failure{errc::failed, {}, "the called side opens no flows"};
  }
  void rule_flow(mux_id, const mux_flow_rules&) override {}
  void send_datagram(mux_id flow, byte_view data) override {
    asio::post(context_, [flow, copy = bytes(data.begin(), data.end()), self = shared_from_this()] {
      if (auto line = self->back.lock()) self->calling->reply(*line, flow, copy);
    });
  }
  void send_beside(mux_id flow, const endpoint& where, byte_view data) override {
    asio::post(context_, [=, copy = bytes(data.begin(), data.end()), self = shared_from_this()] {
      if (auto line = self->back.lock()) self->calling->reply_beside(*line, flow, where, copy);
    });
  }
  void end_flow(mux_id flow, const mux_refusal& why) override {
    asio::post(context_, [=, self = shared_from_this()] {
      if (auto line = self->back.lock()) self->calling->flow_over(*line, flow, why);
    });
  }
  std::shared_ptr<flow_line> share_line() override { return shared_from_this(); }
};

own_flows::own_flows(asio::io_context& context, std::string node)
    : calling_(std::make_shared<calling_end>(context, calling_circuit, node)),
      called_(std::make_shared<called_end>(context, called_circuit, node)) {}

own_flows::~own_flows() = default;

void own_flows::join(calling_datagrams& calling, called_datagrams& called) {
  calling_->called = &called;
  calling_->back = called_;
  called_->calling = &calling;
  called_->back = calling_;
}

std::shared_ptr<flow_line> own_flows::calling() const { return calling_; }

} // namespace hublink
