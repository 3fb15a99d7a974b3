#include "node/events/gzip_member.hpp"

#include <new>
#include <zlib.h>

namespace hublink {

namespace {

constexpr int gzip_bits = 15 + 16, level = 6, memory = 8;

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

} // namespace

std::string to_gzip(std::string_view text) {
  z_stream stream{};
  if (::deflateInit2(&stream, level, Z_DEFLATED, gzip_bits, memory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc{};
  std::string packed(::deflateBound(&stream, uLong(text.size())), '\0');
  stream.next_in = const_cast<Bytef*>(bytes_of(text));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::optional<std::string> from_gzip(std::string_view& packed, std::size_t most) {
  z_stream stream{};
  if (::inflateInit2(&stream, gzip_bits) != Z_OK) throw std::bad_alloc{};
  stream.next_in = const_cast<Bytef*>(bytes_of(packed));
  stream.avail_in = uInt(packed.size());
  std::string text;
  int came = Z_OK;
  while (came == Z_OK && text.size() < most) {
    auto before = text.size();
    text.resize(std::min(most, before + (std::size_t(256) << 10)));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = uInt(text.size() - before);
    came = ::inflate(&stream, Z_NO_FLUSH);
    const bool is_cut_off = came == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
    text.erase(text.size() - stream.avail_out);
    if (is_cut_off) break;
  }
  auto taken = packed.size() - stream.avail_in;
  ::inflateEnd(&stream);
  if (came != Z_STREAM_END) return {};
  packed.remove_prefix(taken);
  return text;
}

} // namespace hublink
