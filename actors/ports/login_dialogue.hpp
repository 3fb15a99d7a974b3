#pragma once
/// How a user logs in at a server; implemented in node/.
#include "actors/ports/data_plane.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

/// The asking side of one login, a line at a time. No actor reads the lines.
class login_dialogue {
 public:
  /// Called from any thread, with the line to be said next; with none, the user is in. A failure is the end.
  using next = std::function<void(outcome<std::optional<std::string>>)>;

  virtual ~login_dialogue() = default;
  /// Once the link to the server is up.
  virtual void begin(const link_up& over, next say) = 0;
  virtual void take(const std::string& answer, next say) = 0;
};

/// One for each server.
using login_maker = std::function<std::shared_ptr<login_dialogue>()>;

} // namespace hublink
