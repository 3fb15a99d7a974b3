#include "protocol/gateway/mux_frame_reader.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace hublink;

namespace {

struct frame {
  mux_type type;
  mux_id stream;
  bytes body;

  bool operator==(const frame&) const = default;
};

/// Of all pieces; those of a `data` frame put together again.
std::vector<frame> read_in_pieces(const bytes& link, std::size_t piece) {
  mux_frame_reader reader;
  std::vector<frame> found;
  std::size_t missing = 0;
  for (std::size_t at = 0; at < link.size(); at += piece) {
    auto data = byte_view{link}.subspan(at, std::min(piece, link.size() - at));
    while (!data.empty()) {
      auto part = reader.next(data);
      REQUIRE(part);
      if (!*part) continue;
      const auto& [head, body] = **part;
      if (missing == 0)
        found.push_back({head.type, head.stream, {body.begin(), body.end()}});
      else
        found.back().body.insert(found.back().body.end(), body.begin(), body.end());
      missing = (missing == 0 ? head.size : missing) - body.size();
      CHECK((missing == 0 || head.type == mux_type::data));
    }
  }
  CHECK(missing == 0);
  return found;
}

} // namespace

TEST_CASE("frames are the same however the link cuts them") {
  std::vector<frame> sent{{mux_type::opened, 1, {}},
                          {mux_type::data, 1, bytes(100, std::byte{1})},
                          {mux_type::data, 3, {}},
                          {mux_type::refused, 2, bytes(30, std::byte{2})},
                          {mux_type::datagram, 4, bytes(50, std::byte{3})},
                          {mux_type::fin, 1, {}}};
  bytes link;
  for (const auto& each : sent) append_frame(link, each.type, each.stream, each.body);
  for (std::size_t piece = 1; piece <= link.size(); ++piece) {
    CAPTURE(piece);
    CHECK(read_in_pieces(link, piece) == sent);
  }
}

TEST_CASE("a frame that is too long is refused before its body comes") {
  bytes head(mux_head_size);
  put_head(head.data(), {mux_max_control + 1, mux_type::refused, 1});
  mux_frame_reader reader;
  byte_view data{head};
  CHECK(reader.next(data).error().code == errc::bad_message);
}
