#pragma once
/// Where a node's control socket is. Socket addresses end at 107 bytes; longer paths go by way of the
/// directory's descriptor.
#include "node/base/unique_fd.hpp"

#include <filesystem>
#include <string>

namespace hublink {

/// The address holds as long as this object.
struct control_path {
  explicit control_path(const std::filesystem::path& directory);

  std::string address;

 private:
  unique_fd directory_;
};

} // namespace hublink
