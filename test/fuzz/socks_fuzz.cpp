// Any application may connect to the SOCKS5 listener. What it asks for must be a target that a gateway link
// takes.
#include "protocol/gateway/socks.hpp"

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = std::as_bytes(std::span(data, size));
  bool with_password = size > 0 && data[size - 1] % 2 == 1;
  socks_server server{with_password};
  while (server.wants() > 0 && rest.size() >= server.wants()) {
    auto part = rest.first(server.wants());
    rest = rest.subspan(part.size());
    auto step = server.received(part);
    if (step.shown) step = server.judged(true);
    if (step.failed) return 0;
    if (!step.asked || step.asked->what == socks_server::command::rules) continue;
    bytes frame;
    append_target(frame, mux_type::open, 1, step.asked->target);
    auto again = read_target(byte_view(frame).subspan(mux_head_size));
    if (!again || !(*again == step.asked->target)) std::abort();
    if (step.asked->what == socks_server::command::datagrams) server.go_on();
  }
  return 0;
}
