#pragma once
/// One HTTP request and one answer, as values.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hublink {

using http_fields = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method, target, body;
  http_fields fields{}; ///< names in lower case
  bool keeps_alive = false;
  bool expects_continue = false;

  /// Nothing: there is none. Of those that the server reads none comes twice.
  std::optional<std::string_view> field(std::string_view lower_name) const;
};

struct http_answer {
  unsigned status = 200;
  std::string type{}; ///< of the body; empty: there is none
  std::string body{};
  http_fields fields{};
  bool closes = false; ///< the connection, after it
};

/// Up to the empty line. `length`: of the body; nothing: it goes on until the connection ends.
std::string head_of(const http_answer& answer, std::optional<std::size_t> length, bool keeps_alive);

std::string_view reason_of(unsigned status);

} // namespace hublink
