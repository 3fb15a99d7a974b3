#include "protocol/transfer/sealed_stream.hpp"

#include "protocol/trust/openssl.hpp"

namespace hublink {
namespace {

using openssl::raw;
using openssl::raw_out;

constexpr std::size_t nonce_size = 12, context_size = 16 + 4 + 4 + 8;

} // namespace

struct stream_cipher::state {
  openssl::cipher_context cipher;
  std::array<std::byte, context_size> context{}; ///< transfer | generation | attempt | index

  /// With the key that is there already.
  bool start(int sealing, std::uint64_t index, bool last) {
    std::array<std::byte, nonce_size> nonce{};
    put_be(nonce.data(), index);
    nonce.back() = std::byte{last};
    put_be(context.data() + context_size - sizeof(index), index);
    int size = 0;
    return EVP_CipherInit_ex(cipher.get(), nullptr, nullptr, nullptr, raw(nonce), sealing) == 1 &&
           EVP_CipherUpdate(cipher.get(), nullptr, &size, raw(context), context_size) == 1;
  }
  bool pass(std::span<std::byte> data) {
    int size = 0;
    return data.empty() || EVP_CipherUpdate(cipher.get(), raw_out(data), &size, raw(data),
                                            static_cast<int>(data.size())) == 1;
  }
};

stream_cipher::stream_cipher(direction way, const content_key& key, const stream_id& stream)
    : state_(std::make_unique<state>()) {
  auto transfer = from_hex(stream.transfer).value_or(bytes{});
  transfer.resize(16);
  std::ranges::copy(transfer, state_->context.begin());
  put_be(state_->context.data() + 16, stream.generation);
  put_be(state_->context.data() + 20, stream.attempt);
  state_->cipher.reset(EVP_CIPHER_CTX_new());
  EVP_CipherInit_ex(state_->cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key), nullptr,
                    way == direction::seal);
}
stream_cipher::~stream_cipher() = default;
stream_cipher::stream_cipher(stream_cipher&&) noexcept = default;
stream_cipher& stream_cipher::operator=(stream_cipher&&) noexcept = default;

bool stream_cipher::seal(std::uint64_t index, bool last, std::span<std::byte> data,
                         std::span<std::byte, tag_size> tag) {
  auto cipher = state_->cipher.get();
  int size = 0;
  bool sealed = state_->start(1, index, last) && state_->pass(data) &&
                EVP_CipherFinal_ex(cipher, raw_out(tag), &size) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1;
  ERR_clear_error();
  return sealed;
}

bool stream_cipher::open(std::uint64_t index, bool last, std::span<std::byte> data,
                         std::span<std::byte, tag_size> tag) {
  auto cipher = state_->cipher.get();
  int size = 0;
  bool opened = state_->start(0, index, last) && state_->pass(data) &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1 &&
                EVP_CipherFinal_ex(cipher, raw_out(tag), &size) == 1;
  ERR_clear_error();
  return opened;
}

void chunk_buffer::reserve(std::size_t size) {
  auto whole = line + size + tag_size + line;
  memory_ = std::make_unique_for_overwrite<std::byte[]>(whole);
  void* at = memory_.get();
  start_ = static_cast<std::byte*>(std::align(line, whole - line, at, whole));
}

} // namespace hublink
