#include "actors/base/fallen_actors.hpp"
#include "actors/base/spawn.hpp"
#include "support/catch.hpp"

#include <stdexcept>

using namespace hublink;

namespace {

using glass_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

class glass_state {
 public:
  using actor_type = glass_actor;
  static inline const char* name = "glass";
  explicit glass_state(glass_actor::stateful_pointer<glass_state>) {}
  glass_actor::behavior_type start() {
    return {[](int number) -> int {
      if (number == 0) throw std::runtime_error{"by nothing"};
      return number;
    }};
  }
};

} // namespace

TEST_CASE("an actor whose handler throws is noted, and who asked hears of it") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  std::vector<std::string> heard;
  fallen_actors::of_process().listen(
      [&](const std::string& actor, const std::string& reason) { heard.push_back(actor + ": " + reason); });
  auto glass = spawn<glass_state>(system);
  bool failed = false;
  self->request(glass, caf::infinite, 7)
      .receive([](int back) { CHECK(back == 7); }, [](const caf::error&) { FAIL(); });
  self->request(glass, caf::infinite, 0)
      .receive([](int) { FAIL(); }, [&](const caf::error&) { failed = true; });
  CHECK(failed);
  CHECK(heard == std::vector<std::string>{"glass: by nothing"});
  CHECK(fallen_actors::of_process().all().at("glass").times == 1);
  fallen_actors::of_process().listen({});
}
