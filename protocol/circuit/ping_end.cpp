#include "protocol/circuit/ping_end.hpp"

#include <array>

namespace hublink {
namespace {

class ping_end final : public circuit_end {
 public:
  end_step next() override { return finish{result_, true}; }
  std::span<std::byte> inbox() override { return stray_; }
  void received(std::size_t count) override {
    if (count > 0) result_ = {errc::bad_message, "a ping carries no bytes, but some came"};
  }
  void completed() override {}
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override { result_ = unfit(answer); }
  void step_failed(const failure& why) override { result_ = why; }
  // Its first step is its last: what is cut later was over, and the pump says what was cut before.
  void cut(const failure&) override {}
  transfer_progress progress() const override { return {}; }
  std::string digest() const override { return {}; }

 private:
  outcome<> result_;
  std::array<std::byte, 8> stray_{};
};

} // namespace

std::unique_ptr<circuit_end> make_ping_end() { return std::make_unique<ping_end>(); }

} // namespace hublink
