#include "node/events/trace_reader.hpp"
#include "node/base/json_text.hpp"
#include "node/events/trace_file.hpp"
#include "protocol/base/fair_queue.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

class trace_reader_state {
 public:
  static inline const char* name = "trace_reader";
  using pointer = trace_reader_actor::stateful_pointer<trace_reader_state>;

  explicit trace_reader_state(pointer self) : self_(self) {}

  trace_reader_actor::behavior_type start(std::filesystem::path folder) {
    folder_ = std::move(folder);
    return {
        [this](trace_atom, const transfer_id& transfer, const std::string& asker) {
          auto reply = self_->make_response_promise<std::string>();
          waiting_.put(asker, {transfer, reply});
          self_->send(self_, resume_atom_v);
          return reply;
        },
        [this](resume_atom) {
          auto next = waiting_.take();
          if (next) next->reply.deliver(to_line(read_trace(folder_, next->transfer)));
        },
    };
  }

 private:
  struct wanted {
    transfer_id transfer;
    caf::typed_response_promise<std::string> reply;
  };

  pointer self_;
  std::filesystem::path folder_;
  fair_queue<wanted> waiting_;
};

} // namespace

trace_reader_actor spawn_trace_reader(caf::actor_system& system, std::filesystem::path folder) {
  auto behavior = [](trace_reader_state::pointer self, std::filesystem::path folder) {
    return self->state.start(std::move(folder));
  };
  return system.spawn<caf::detached>(behavior, std::move(folder));
}

} // namespace hublink
