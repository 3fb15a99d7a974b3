#pragma once
/// Catch2 as tests use it, 2.13 (Debian 12) or 3 (Debian 13): `Catch::Contains`, `Catch::StartsWith`,
/// `Catch::EndsWith` and `Catch::Approx` in both. No other file includes Catch2's own headers.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace Catch {

using Matchers::EndsWith;
using Matchers::StartsWith;

inline auto Contains(const std::string& part) { return Matchers::ContainsSubstring(part); }

} // namespace Catch
#else
#include <catch2/catch.hpp>

namespace Catch {

using Detail::Approx;

} // namespace Catch
#endif
