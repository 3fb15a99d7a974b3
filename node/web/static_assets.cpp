#include "node/web/static_assets.hpp"
#include "node/web/problem.hpp"

#include <zlib.h>

#include <algorithm>

namespace hublink {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Empty where it is damaged.
std::string unpacked(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = uInt(packed.size());
  std::string made;
  char room[1 << 14];
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(room);
    stream.avail_out = sizeof room;
    state = inflate(&stream, Z_NO_FLUSH);
    made.append(room, sizeof room - stream.avail_out);
    if (stream.avail_in == 0 && stream.avail_out > 0) break;
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END ? made : std::string{};
}

/// `gzip`, and not with a weight of 0.
bool takes_gzip(std::string_view accepted) {
  const auto at = accepted.find("gzip");
  if (at == accepted.npos) return false;
  const auto rest = accepted.substr(at + 4, accepted.substr(at + 4).find(','));
  return rest.find("q=0") == rest.npos || rest.find("q=0.") != rest.npos;
}

} // namespace

std::optional<http_answer> asset_answer(std::span<const static_asset> all, std::string_view path,
                                        const http_request& request) {
  auto found = std::ranges::find(all, path, &static_asset::path);
  if (found == all.end()) return {};
  if (request.method != "GET" && request.method != "HEAD") {
    auto no = problem_answer(405, "this path is only read");
    no.fields.emplace_back("Allow", "GET, HEAD");
    return no;
  }
  const auto tag = "\"" + std::string{found->etag} + "\"";
  http_answer made{200, std::string{found->type}, {}};
  made.fields = {{"ETag", tag},
                 {"Cache-Control", found->immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                 {"Vary", "Accept-Encoding"},
                 {"Content-Security-Policy", std::string{policy}},
                 {"Referrer-Policy", "no-referrer"},
                 {"Cross-Origin-Opener-Policy", "same-origin"},
                 {"Cross-Origin-Resource-Policy", "same-origin"}};
  auto known = request.field("if-none-match");
  if (known && (*known == "*" || known->find(tag) != known->npos)) {
    made.status = 304;
    made.type.clear();
    return made;
  }
  if (takes_gzip(request.field("accept-encoding").value_or(""))) {
    made.fields.emplace_back("Content-Encoding", "gzip");
    made.body = found->gzip;
  } else {
    made.body = unpacked(found->gzip);
  }
  return made;
}

} // namespace hublink
