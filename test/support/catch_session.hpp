#pragma once
/// For an executable with a `main` of its own: Catch2's session, and `Catch::Clara` for more options. In one
/// source only.
#define CATCH_CONFIG_RUNNER // 2.13 has its other half in the same header
#include "support/catch.hpp"

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
namespace Catch {

namespace Clara = clara;

} // namespace Catch
#endif
