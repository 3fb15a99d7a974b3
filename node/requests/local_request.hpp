#pragma once
/// A command that a node does by itself, with a handler of its own: a function that gets this actor's state.
#include "node/requests/answering.hpp"

namespace hublink {

class local_request : public answering<local_request> {
 public:
  static inline const char* name = "local_request";
  using handler = void (*)(local_request&);

  using answering::answering;

  behavior_type start(handler serve, request_call call) {
    serve_ = serve;
    return answering::start(std::move(call));
  }
  void serve();
  behavior_type behavior();

  /// May the user touch what belongs to that file ID?
  bool may_touch(const std::string& file) const { return limit_.covers(file); }
  bool is_limited() const { return !limit_.is_all(); }
  /// The audit trail is told what it was about, the user is not; both may be empty.
  void fail_as_limited(const std::string& transfer, const std::string& file);

  /// What it watches is followed; what it gave to others to do ends it.
  watcher_actor as_watcher() const { return watcher_actor{self_}; }
  /// Shows the transfer's state, and ends with it if that is its last.
  void follow(const transfer_record& record);

 private:
  handler serve_ = nullptr;
  file_limit limit_;
};

/// Such a handler as a verb's row wants it.
template <local_request::handler serve>
control_actor run(caf::actor_system& system, request_call call) {
  return spawn<local_request>(system, serve, std::move(call));
}

} // namespace hublink
