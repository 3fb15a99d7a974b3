#pragma once
/// What a node can't start without.
#include "protocol/base/errors.hpp"

#include <utility>

namespace hublink {

/// What keeps a node from starting, on its way out of a constructor.
struct not_started {
  failure why;
};

template <class T>
T needed(outcome<T> made) {
  if (!made) throw not_started{made.error()};
  return std::move(*made);
}

} // namespace hublink
