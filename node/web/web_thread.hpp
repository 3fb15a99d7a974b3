#pragma once
/// The way back to the server's thread for what is called on others, some of which may end later.
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <memory>
#include <utility>

namespace hublink {

class web_thread {
 public:
  explicit web_thread(const std::shared_ptr<asio::io_context>& context) : context_(context) {}

  /// Does it there, later; nothing once the server is gone. Thread-safe.
  template <class Work>
  void post(Work work) const {
    if (auto alive = context_.lock()) asio::post(*alive, std::move(work));
  }

 private:
  std::weak_ptr<asio::io_context> context_;
};

} // namespace hublink
