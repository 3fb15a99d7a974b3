#pragma once
/// Pipes for splice(2). They are lent only while bytes are inside, because an ordinary user gets no more than
/// 64 of 1 MiB. Thread-safe.
#include "node/base/unique_fd.hpp"
#include "protocol/base/errors.hpp"

#include <cstddef>
#include <mutex>
#include <vector>

namespace hublink {

struct splice_pipe {
  unique_fd out, in;        ///< read end, write end
  std::size_t capacity = 0; ///< bytes
};

class pipe_pool {
 public:
  /// 1 MiB, or what this user gets; `busy` without file descriptors.
  outcome<splice_pipe> borrow();
  /// It must be empty.
  void give_back(splice_pipe pipe);

 private:
  std::mutex lock_;
  std::vector<splice_pipe> idle_;
};

} // namespace hublink
