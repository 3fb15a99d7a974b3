#pragma once
/// Requests to a collector of spans, one at a time. For one thread, but for `wake`.
#include "node/spans/curl_library.hpp"
#include "node/spans/spans_config.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

struct collector_answer {
  long status = 0;  ///< of HTTP; 0: none came
  std::string body; ///< the first 64 KiB
  std::string why;  ///< none came
};

class collector_line {
 public:
  /// `bad_config`: there is no libcurl, or it can't use what the operator wrote.
  static outcome<std::unique_ptr<collector_line>> make(const span_collector& to);
  ~collector_line();

  bool is_busy() const { return busy_; }
  /// Of JSON. Only while it is not busy.
  void post(std::string body);
  /// Works until something was answered or `wake` was called, but not longer than that.
  std::optional<collector_answer> work(std::chrono::milliseconds longest);
  /// Thread-safe.
  void wake();

 private:
  explicit collector_line(const curl_library& curl) : curl_(curl) {}
  outcome<> set_up(const span_collector& to);

  const curl_library& curl_;
  CURLM* all_ = nullptr;
  CURL* one_ = nullptr;
  curl_slist* headers_ = nullptr;
  bool busy_ = false;
  std::string body_, answer_;
};

} // namespace hublink
