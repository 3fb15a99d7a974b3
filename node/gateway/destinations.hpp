#pragma once
/// The called side of streams: judges where one shall lead, looks up its name, and connects. One thread.
#include "node/gateway/gateway_stream.hpp"
#include "node/gateway/passed_gateways.hpp"
#include "node/gateway/stream_watch.hpp"

#include <functional>

namespace hublink {

class destinations {
 public:
  /// Exactly one of `refuse` and `accept` is called, at once or later; none once nobody wants it.
  struct request {
    std::string peer; ///< the calling gateway
    mux_target target;
    std::function<bool()> wanted;
    std::function<void(const mux_refusal& why)> refuse;
    std::function<void(const std::shared_ptr<gateway_stream>& made)> accept;
  };

  destinations(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
               stream_watch& watch);

  void open(request what);
  /// Of what this gateway connects to itself.
  const passed_gateways& passed() const { return passed_; }
  void define(definition_ptr self) { self_ = std::move(self); }
  void close() { resolver_.cancel(); }

 private:
  using shared_request = std::shared_ptr<const request>;

  void resolve(const shared_request& what);
  void connect(const shared_request& what, const endpoint& where);
  void take(const request& what, const endpoint& where, tcp::socket& socket, std::shared_ptr<void> mark);
  bool may_come_back(const request& what, const endpoint& where) const;

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  stream_watch& watch_;
  tcp::resolver resolver_;
  passed_gateways passed_;
};

} // namespace hublink
