#include "node/control/control_path.hpp"

#include <fcntl.h>
#include <sys/un.h>

namespace hublink {

control_path::control_path(const std::filesystem::path& directory)
    : address((directory / "control.sock").string()) {
  if (address.size() < sizeof(sockaddr_un::sun_path)) return;
  directory_ = unique_fd{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  address = "/proc/self/fd/" + std::to_string(directory_.get()) + "/control.sock";
}

} // namespace hublink
