#include "node/web/web_exchange.hpp"

namespace hublink {

web_exchange::handler web_exchange::take() {
  std::lock_guard guard{lock_};
  workers_.clear();
  if (std::exchange(over_, true)) return {};
  return std::move(to_);
}

void web_exchange::answer(http_answer what) {
  if (auto to = take(); to.answered) to.answered(std::move(what));
}

void web_exchange::stream(http_answer head, std::shared_ptr<web_source> body) {
  if (auto to = take(); to.streaming) to.streaming(std::move(head), std::move(body));
}

void web_exchange::employ(control_actor worker) {
  {
    std::lock_guard guard{lock_};
    if (!over_) {
      workers_.push_back(std::move(worker));
      return;
    }
  }
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown); // it has answered, or nobody reads it
}

void web_exchange::cancel() {
  decltype(workers_) ended;
  {
    std::lock_guard guard{lock_};
    over_ = true;
    to_ = {};
    ended.swap(workers_);
  }
  for (const auto& worker : ended) caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
}

} // namespace hublink
