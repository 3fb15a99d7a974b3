#include "actors/request/request_acceptor.hpp"
#include "actors/circuit/near_side.hpp"
#include "protocol/request/request_ends.hpp"

namespace hublink {

circuit_actor::behavior_type request_acceptor_state::start(environment_ptr env, dispatcher_actor dispatcher) {
  env_ = std::move(env);
  dispatcher_ = std::move(dispatcher);
  return {
      [this](const attached&) { run(); },
      [](const progressed&) {},
      [this](const consulted& asked) { serve(asked); },
      [this](const ended& what) {
        env_->events.write(request_.transfer, closed_event(what, mark_of(request_)));
        self_->quit();
      },
      [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
      [this](const arrived_open& arrived) {
        request_ = arrived.request;
        definition_ = arrived.plan.self->sends.at(*request_.file); // who may ask was decided by it
        circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
        opened yes;
        yes.data_token = admit_near_side(*env_, circuit_, arrived);
        return yes;
      },
      [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
  };
}

void request_acceptor_state::run() {
  env_->plane.run(circuit_,
                  make_answering_end({request_.transfer, definition_.file, definition_.recipients,
                                      request_.open_id, env_->id.now(), env_->ca, env_->wall_clock}),
                  nullptr);
}

void request_acceptor_state::serve(const consulted& asked) {
  auto refuse = [this, circuit = asked.circuit](failure why) {
    env_->plane.resume(circuit, decision::refuse{std::move(why)});
  };
  auto* received = std::get_if<question::request>(&asked.question);
  if (!received) return refuse(unfit(asked.question));
  auto request = decode_request(received->body);
  if (!request) return refuse(request.error());
  send_request wanted{request->request, definition_.file, request->requester, request->resend,
                      request->results};
  self_->request(dispatcher_, caf::infinite, request_atom_v, std::move(wanted))
      .then(
          [this, circuit = asked.circuit](const transfer_record& record) {
            request_answer answer{record.transfer, std::string{to_string(record.state)}, record.bytes,
                                  record.size, record.reason};
            env_->plane.resume(circuit, decision::served{encode(answer)});
          },
          [this, refuse](const caf::error& no) { refuse(to_failure(no, env_->self->node)); });
}

} // namespace hublink
