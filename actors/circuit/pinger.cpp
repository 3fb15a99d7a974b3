#include "actors/circuit/pinger.hpp"
#include "actors/ports/ids.hpp"
#include "protocol/circuit/ping_end.hpp"

namespace hublink {

ping_actor::behavior_type pinger_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  return origin_->behavior({.conclude = [this](const ended& what) { conclude(what); }},
                           [this](const ping_order& order) {
                             auto reply = self_->make_response_promise<ping_report>();
                             reply_ = answer_promise<ping_report>{reply};
                             ask(order.host);
                             return reply;
                           });
}

void pinger_state::ask(const std::string& host) {
  report_.host = host;
  auto request = make_open(*env_, circuit_kind::ping, make_transfer_id(*env_));
  request.destination = {host};
  auto began = self_->clock().now();
  origin_->make(request, [this, began](const outcome<origin::ready>& far) {
    if (!far) {
      reply_.fail(far.error());
      return self_->quit();
    }
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - began);
    report_.micros = std::uint32_t(took.count());
    report_.path = far->answer.path;
    env_->plane.run(far->circuit, make_ping_end(), nullptr);
  });
}

void pinger_state::conclude(const ended& what) {
  if (what.result)
    reply_.deliver(std::move(report_));
  else
    reply_.fail(what.result.error());
  self_->quit();
}

} // namespace hublink
