#pragma once
/// An actor's questions to disks: done aside by its file store, answered by a message, and not waited for
/// longer than it wants.
#include "actors/ports/file_store.hpp"

#include <caf/all.hpp>

#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace hublink {

/// To the actor that asked: what came out of it; nothing: the time is over.
struct done_aside {
  std::uint64_t question = 0;
  std::any result;
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::done_aside)

namespace hublink {

/// A member of an actor that reacts to `done_aside` by handing it on to `answer`. The actor's thread.
class disk_desk {
 public:
  static constexpr std::chrono::milliseconds no_limit{0};

  /// Calls `then` with what `work` returned, or with nothing once `limit` is over. `work` gets no part of the
  /// actor, which may be gone by then. `path` and `what` as in `file_store::aside`.
  template <class Self, class Work, class Then>
  void ask(Self* self, file_store& files, const std::string& path, std::string what,
           std::chrono::milliseconds limit, Work work, Then then) {
    using result = decltype(work());
    auto number = ++last_;
    open_[number] = [then = std::move(then)](std::any& found) mutable {
      auto* there = std::any_cast<result>(&found);
      then(there ? std::optional<result>{std::move(*there)} : std::nullopt);
    };
    using handle = typename Self::actor_hdl;
    if (limit != no_limit) self->delayed_send(self, limit, done_aside{number, {}});
    files.aside(path, std::move(what),
                [weak = caf::weak_actor_ptr{self->ctrl()}, number, work = std::move(work)]() mutable {
                  done_aside answer{number, std::any{work()}};
                  if (auto strong = weak.lock())
                    caf::anon_send(caf::actor_cast<handle>(strong), std::move(answer));
                });
  }
  /// Calls `then` after a while, whatever became of all that.
  template <class Self>
  void after(Self* self, std::chrono::milliseconds while_, std::function<void()> then) {
    auto number = ++last_;
    open_[number] = [then = std::move(then)](std::any&) { then(); };
    self->delayed_send(self, while_, done_aside{number, {}});
  }
  void answer(const done_aside& what) {
    auto known = open_.extract(what.question);
    if (!known) return;
    auto result = what.result;
    known.mapped()(result);
  }

 private:
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::function<void(std::any&)>> open_;
};

} // namespace hublink
