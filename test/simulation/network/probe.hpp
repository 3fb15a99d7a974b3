#pragma once
/// An actor that owns links and circuits and only writes down what it is told; for tests of the plane itself.
#include "simulation/network/world.hpp"

#include <memory>
#include <vector>

namespace hublink::sim {

using probe_actor = circuit_owner::extend<caf::reacts_to<link_up>, caf::reacts_to<link_down>,
                                          caf::reacts_to<link_received>, caf::reacts_to<resolved>>;

struct heard {
  std::vector<link_up> ups;
  std::vector<link_down> downs;
  std::vector<link_received> messages;
  std::vector<resolved> names;
  std::vector<attached> sides;
  std::vector<consulted> questions;
  std::vector<ended> ends;
};

/// Ends with the guard.
class probe {
 public:
  explicit probe(world& in) : in_(in) {
    auto behavior = [log = log_](probe_actor::pointer) -> probe_actor::behavior_type {
      return {
          [log](const attached& what) { log->sides.push_back(what); },
          [](const progressed&) {},
          [log](const consulted& what) { log->questions.push_back(what); },
          [log](const ended& what) { log->ends.push_back(what); },
          [](const hop_lost&) {},
          [log](const link_up& what) { log->ups.push_back(what); },
          [log](const link_down& what) { log->downs.push_back(what); },
          [log](const link_received& what) { log->messages.push_back(what); },
          [log](const resolved& what) { log->names.push_back(what); },
      };
    };
    actor_ = in.system().spawn(behavior);
  }
  ~probe() {
    caf::anon_send_exit(actor_, caf::exit_reason::kill);
    in_.settle();
  }

  template <class Owner>
  weak_owner<Owner> as() const {
    return weak_owner<Owner>{caf::actor_cast<Owner>(actor_)};
  }
  const heard* operator->() const { return log_.get(); }

 private:
  world& in_;
  std::shared_ptr<heard> log_ = std::make_shared<heard>();
  probe_actor actor_;
};

} // namespace hublink::sim
