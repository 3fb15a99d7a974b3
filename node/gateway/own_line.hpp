#pragma once
/// Streams whose calling and called gateway are this one node: what an application sends is read and written
/// to the other one's socket at once, without a mux and without TLS. One thread.
#include "node/gateway/destinations.hpp"
#include "node/gateway/stream_line.hpp"
#include "protocol/gateway/open_limits.hpp"

#include <unordered_map>

namespace hublink {

class own_line final : public stream_line {
 public:
  own_line(asio::io_context& context, std::string node, const mux_limits& limits, destinations& called);

  /// The stream is told the answer.
  void open(const mux_target& target, const std::shared_ptr<gateway_stream>& stream);
  /// Ends the streams that this definition does not let through.
  void define(const definition& self);
  void close(const failure& why);

  // -- by its streams
  void readable(mux_id stream) override { move(stream); }
  void consumed(mux_id stream, std::size_t count) override;
  void tell_moved(mux_id stream) override;
  void stop(mux_id stream) override;
  void keep_alive(mux_id stream, const mux_keep_alive& how) override;
  void forget(mux_id stream, mux_reason why = mux_reason::failed) override;

 private:
  /// One application's side.
  struct end {
    std::shared_ptr<gateway_stream> stream{};
    std::size_t under_way = 0;  ///< delivered to it, and not written yet
    bool sent_all = false;      ///< nothing more comes from it, or the other side takes nothing more
    bool takes_no_more = false; ///< what comes for it is dropped
    std::optional<mux_keep_alive> keep_alive{}; ///< wanted by the calling one, for the called one
    bool waits = false; ///< readable, while the other side still has something to write
  };

  mux_id next_number();
  end* find(mux_id stream);
  void accept(mux_id calling, const std::shared_ptr<gateway_stream>& called);
  void refuse(mux_id calling, const mux_refusal& why);
  void move(mux_id from);
  /// False: not more at once.
  bool move_some(mux_id from);

  asio::io_context& context_;
  const std::string node_;
  open_limits limits_;
  destinations& called_;
  std::unordered_map<mux_id, end> ends_; ///< the calling one odd, the called one the number behind it
  mux_id last_ = 0;
};

} // namespace hublink
