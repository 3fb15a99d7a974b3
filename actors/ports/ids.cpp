#include "actors/ports/ids.hpp"

namespace hublink {

namespace {

std::string hex(std::uint64_t value, std::size_t digits) {
  std::byte raw[8];
  put_be(raw, value);
  return to_hex(raw).substr(16 - digits);
}

} // namespace

std::int64_t now_ms(const environment& env) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(env.wall_clock().time_since_epoch()).count();
}

std::int64_t steady_ms(const environment& env) { return env.steady_time(); }

std::function<std::chrono::milliseconds()> steady_clock_of(const environment& env) {
  return [count = env.steady_time] { return std::chrono::milliseconds{count()}; };
}

std::string make_open_id(const environment& env) { return hex(env.random(), 16); }

transfer_id make_transfer_id(const environment& env) {
  return hex(std::uint64_t(now_ms(env)), 12) + hex(env.random(), 16) + hex(env.random(), 4);
}

open make_open(const environment& env, circuit_kind kind, const transfer_id& transfer) {
  open request;
  request.open_id = make_open_id(env);
  request.came_by = request.open_id;
  request.kind = kind;
  request.transfer = transfer;
  request.budget_ms = std::uint32_t(env.open_budget.count());
  return request;
}

} // namespace hublink
