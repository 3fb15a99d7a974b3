#include "protocol/broadcast/envelope_batch.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/trust/envelope.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <zstd.h>

namespace hublink {
namespace {

constexpr std::size_t map_overhead = 7; // bytes for each envelope
constexpr std::size_t longest_content = most_in_batch * (cbor::max_name + max_envelope + map_overhead);
static_assert(ZSTD_COMPRESSBOUND(longest_content) <= max_batch,
              "whatever the names, a batch fits its record");

struct context_release {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

/// Of the one frame in `body`; 0: it is none of these, or says too much, or nothing. What else the library
/// would read, of its own earlier formats too, is none.
std::size_t content_size(byte_view body) {
  constexpr std::array magic{std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}, std::byte{0xFD}};
  if (body.size() < magic.size() || !std::ranges::equal(body.first(magic.size()), magic)) return 0;
  if (ZSTD_findFrameCompressedSize(body.data(), body.size()) != body.size()) return 0;
  auto size = ZSTD_getFrameContentSize(body.data(), body.size());
  return size <= max_batch ? std::size_t(size) : 0; // unknown and wrong are large numbers
}

} // namespace

outcome<bytes> pack_envelopes(const envelopes_record& record) {
  auto content = encode(record);
  bytes packed(ZSTD_compressBound(content.size()));
  std::unique_ptr<ZSTD_CCtx, context_release> context{ZSTD_createCCtx()};
  failure wrong{errc::failed, {}, "the envelopes could not be compressed"};
  if (!context) return wrong;
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1); // lines flip bits
  auto size = ZSTD_compress2(context.get(), packed.data(), packed.size(), content.data(), content.size());
  if (ZSTD_isError(size)) return wrong;
  packed.resize(size);
  return packed;
}

outcome<envelopes_record> unpack_envelopes(byte_view body) {
  failure wrong{errc::bad_message, {}, "record batch: not one zstd frame of envelopes by name"};
  bytes content(content_size(body));
  if (content.empty()) return wrong;
  if (ZSTD_decompress(content.data(), content.size(), body.data(), body.size()) != content.size())
    return wrong;
  auto record = decode_envelopes(content);
  if (record && (record->by_name.empty() || record->by_name.size() > most_in_batch)) return wrong;
  return record;
}

} // namespace hublink
