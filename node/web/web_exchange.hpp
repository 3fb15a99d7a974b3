#pragma once
/// One request that is being answered: who answers it holds it, and learns by it when nobody reads any more.
#include "node/control/control_services.hpp"
#include "node/web/http_message.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hublink {

/// What goes on until one side ends it: asked for more whenever all of it was sent. One thread.
class web_source {
 public:
  virtual ~web_source() = default;
  /// Calls once, now or later, with what comes next; `last`: nothing follows.
  virtual void ask(std::function<void(std::string text, bool last)> give) = 0;
};

/// Thread-safe.
class web_exchange {
 public:
  struct handler {
    std::function<void(http_answer)> answered;                               ///< on any thread
    std::function<void(http_answer, std::shared_ptr<web_source>)> streaming; ///< on the server's
  };

  web_exchange(http_request request, std::string from, handler to)
      : request(std::move(request)), from(std::move(from)), to_(std::move(to)) {}

  http_request request;
  const std::string from; ///< address of who asks

  /// Once; later ones, and those after `cancel`, go nowhere.
  void answer(http_answer what);
  void stream(http_answer head, std::shared_ptr<web_source> body);
  /// Ends with the exchange.
  void employ(control_actor worker);
  /// Nobody reads the answer.
  void cancel();

 private:
  handler take();

  std::mutex lock_;
  handler to_;
  bool over_ = false;
  std::vector<control_actor> workers_; ///< one after the other; they need not come here in their order
};

using exchange_ptr = std::shared_ptr<web_exchange>;

} // namespace hublink
