#pragma once
/// The streams of the calling side by their applications' addresses: who says later how he watches over his
/// connection names it so. One thread.
#include "node/gateway/gateway_stream.hpp"

#include <map>

namespace hublink {

class calling_streams {
 public:
  void add(const std::shared_ptr<gateway_stream>& stream) {
    auto from = stream->report().from;
    (*streams_)[from] = stream;
    stream->until_end = {nullptr, [from, all = std::weak_ptr(streams_)](std::nullptr_t) {
                           auto alive = all.lock();
                           auto found = alive ? alive->find(from) : map::iterator{};
                           if (!alive || found == alive->end()) return;
                           auto newer = found->second.lock(); // of the same port
                           if (!newer || newer->over()) alive->erase(found);
                         }};
  }
  /// Null: there is none.
  std::shared_ptr<gateway_stream> find(const endpoint& application) const {
    auto found = streams_->find(to_string(application));
    return found == streams_->end() ? nullptr : found->second.lock();
  }

 private:
  using map = std::map<std::string, std::weak_ptr<gateway_stream>>;
  std::shared_ptr<map> streams_ = std::make_shared<map>();
};

} // namespace hublink
