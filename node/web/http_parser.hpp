#pragma once
/// Requests out of the bytes of a connection. Boost.Beast reads them, on memory alone; what a proxy and this
/// server could understand differently is refused here. Pure; one connection's.
#include "node/web/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hublink {

class http_parser {
 public:
  enum class step {
    more,  ///< bytes are missing
    head,  ///< the fields are there, the body is not: said once, then `limit_body`
    whole, ///< a request; `next` begins with what follows it
    wrong, ///< `refusal`; no byte of this connection means anything any more
  };
  struct refused {
    unsigned status = 400;
    std::string why;
  };
  static constexpr std::size_t most_head = 16 << 10;

  http_parser();
  ~http_parser();

  void add(std::string_view data);
  step read();
  /// Of the request at hand; what is longer is refused.
  void limit_body(std::size_t most);
  void next();

  http_request& request() { return request_; }
  const refused& refusal() const { return refusal_; }
  /// Nothing of a request has come yet.
  bool is_idle() const { return input_.empty() && !has_head_; }

 private:
  struct beast;

  step refuse(unsigned status, std::string why);
  step take_head(std::string_view head);
  step take_body();

  std::unique_ptr<beast> beast_;
  std::string input_; ///< not read yet
  http_request request_;
  refused refusal_;
  bool has_head_ = false;
  std::size_t most_body_ = 0;
};

} // namespace hublink
