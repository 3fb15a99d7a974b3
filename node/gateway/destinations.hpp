#pragma once
/// The called side of streams: judges where one shall lead, looks up its name, and connects. One thread.
#include "node/gateway/gateway_stream.hpp"
#include "node/gateway/passed_gateways.hpp"
#include "node/gateway/stream_watch.hpp"
#include "node/socket/name_lookups.hpp"

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
  void close() { lookups_.stop(); }

 private:
  /// On its way there.
  struct search {
    std::shared_ptr<const request> what;
    dial_address to; ///< as it was let through
    mux::clock::time_point deadline;

    std::chrono::milliseconds time_left() const;
  };

  using own_marks = std::map<endpoint, std::shared_ptr<void>>; ///< by the connection's own address

  void resolve(const search& there);
  void connect(const search& there, const endpoints& where);
  void take(const search& there, const endpoint& where, tcp::socket& socket, own_marks& marks);
  bool may_come_back(const request& what, const endpoint& where) const;

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  stream_watch& watch_;
  name_lookups lookups_;
  passed_gateways passed_;
};

} // namespace hublink
