#pragma once
/// Jobs of a simulated node: each takes its time, and ends as the test wants. A crash ends them without a
/// word.
#include "simulation/network/world.hpp"

#include "actors/ports/job_runner.hpp"

#include <vector>

namespace hublink::sim {

class sim_jobs : public job_runner {
 public:
  explicit sim_jobs(world& in) : world_(in) {}

  duration takes = std::chrono::seconds{2};
  job_result ends{true, ""};
  std::vector<std::map<std::string, std::string>> begun; ///< the facts of each

  void run(job_order order, weak_owner<job_owner> owner) override {
    begun.push_back(order.facts);
    world_.after(takes, [this, life = life_, number = order.number, owner] {
      if (life == life_) owner.tell(job_ended{number, ends, {}});
    });
  }
  void crash() { ++life_; }

 private:
  world& world_;
  int life_ = 0;
};

} // namespace hublink::sim
