#pragma once
/// The lines of a node, by neighbour. It looks at them twice a second while bytes move, every two seconds
/// otherwise, and not at all while there is no connection. One thread (the plane's), but for `all`.
#include "actors/definition/live_definition.hpp"
#include "node/line/neighbour_line.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <map>

namespace hublink {

class line_book {
 public:
  using warning = std::function<void(const std::string& line)>;

  line_book(asio::io_context& context, live_definition self, warning warn);

  /// A connected socket of that neighbour's line; null for one without a name.
  line_member_ptr join(const std::string& peer, int fd);
  /// Looks no more.
  void close();
  /// Thread-safe.
  line_reports all() const;

 private:
  std::shared_ptr<neighbour_line> line_to(const std::string& peer);
  line_settings settings_of(const std::string& peer) const;
  void look_within(std::chrono::milliseconds time);
  void look();

  live_definition self_;
  warning warn_;
  asio::steady_timer next_look_;
  bool looking_ = false; ///< that timer runs
  bool closed_ = false;
  mutable std::mutex lock_;
  std::map<std::string, std::shared_ptr<neighbour_line>>
      lines_; ///< of all who ever came: none without a certificate
};

} // namespace hublink
