#pragma once
/// A joined circuit: two data sockets, and every byte moved between them by splice(2), without entering user
/// space. One thread.
#include "node/circuit/data_socket.hpp"
#include "node/circuit/pipe_pool.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace hublink {

class splicer : public std::enable_shared_from_this<splicer> {
 public:
  struct report {
    outcome<> result;                      ///< done: FIN both ways after draining
    std::uint64_t to_far = 0, to_near = 0; ///< bytes carried
  };

  /// `on_end` is called once, by `close` or later on the sockets' executor.
  splicer(data_socket near, data_socket far, std::shared_ptr<pipe_pool> pipes,
          std::function<void(report)> on_end);

  void start();
  /// Resets both sides and ends with `why`, unless all that came has just been drained to its end.
  void close(const failure& why);

 private:
  struct flow {
    tcp::socket& from;
    tcp::socket& to;
    const char* origin;              ///< `near` or `far`, for failures
    std::optional<splice_pipe> pipe; ///< lent while `inside` > 0
    std::size_t inside = 0;          ///< bytes in the pipe
    std::uint64_t carried = 0;
    bool over = false;
  };

  void move(flow& direction);
  bool take_in(flow& direction);
  bool pass_on(flow& direction);
  void end_flow(flow& direction);
  void give_back(flow& direction);
  void wait(flow& direction, tcp::socket& socket, tcp::socket::wait_type event);
  void watch(tcp::socket& socket, const char* where);
  void broken(const char* where, std::error_code error);
  void finish(outcome<> result);

  data_socket near_, far_;
  std::shared_ptr<pipe_pool> pipes_;
  std::function<void(report)> on_end_; ///< empty once over
  flow forth_, back_;
};

} // namespace hublink
