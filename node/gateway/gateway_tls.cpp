#include "node/gateway/gateway_tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstring>
#include <sys/socket.h>

namespace hublink {

namespace {

constexpr std::size_t longest_write = 1 << 30;

int read_sealed(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto count = static_cast<sealed_bytes*>(BIO_get_data(bio))
                   ->take(std::as_writable_bytes(std::span(data, static_cast<std::size_t>(size))));
  if (count < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
  return count;
}

int write_sealed(BIO* bio, const char* data, int size) {
  static_cast<sealed_bytes*>(BIO_get_data(bio))->out.append(as_bytes({data, static_cast<std::size_t>(size)}));
  return size;
}

BIO_METHOD* bytes_method() {
  static BIO_METHOD* method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hublink gateway");
    BIO_meth_set_read(made, read_sealed);
    BIO_meth_set_write(made, write_sealed);
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH; });
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

bytes peer_der(X509* certificate) {
  auto size = certificate ? i2d_X509(certificate, nullptr) : 0;
  if (size <= 0) return {};
  bytes der(static_cast<std::size_t>(size));
  auto at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &at);
  return der;
}

// An old revocation list is better than none; everything else is checked by `trust` once more, with the name.
int accept_old_list(int fine, X509_STORE_CTX* store) {
  auto error = X509_STORE_CTX_get_error(store);
  return fine || error == X509_V_ERR_CRL_HAS_EXPIRED || error == X509_V_ERR_CRL_NOT_YET_VALID;
}

} // namespace

int sealed_bytes::take(std::span<std::byte> room) {
  if (in.empty()) {
    if (std::exchange(had_all, false)) {
      errno = EAGAIN;
      return -1;
    }
    auto fresh = in.room(read_size);
    auto count = ::recv(fd, fresh.data(), fresh.size(), MSG_DONTWAIT);
    if (count <= 0) return static_cast<int>(count);
    in.added(static_cast<std::size_t>(count));
    had_all = static_cast<std::size_t>(count) < read_size;
  }
  auto part = in.view().first(std::min(room.size(), in.size()));
  std::memcpy(room.data(), part.data(), part.size());
  in.taken(part.size());
  return static_cast<int>(part.size());
}

outcome<std::shared_ptr<asio::ssl::context>> make_gateway_tls(const plane_identity& own) {
  auto made = make_tls_context(own);
  if (!made) return made;
  auto raw = (*made)->native_handle();
  SSL_CTX_set_ciphersuites(raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE);
  return made;
}

gateway_tls::gateway_tls(std::shared_ptr<asio::ssl::context> context, const plane_identity& own, int fd,
                         std::string expected)
    : context_(std::move(context)), own_(own), expected_(std::move(expected)), sealed_{fd},
      ssl_(SSL_new(context_->native_handle())) {
  auto* bio = BIO_new(bytes_method());
  BIO_set_data(bio, &sealed_);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_verify(ssl_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_old_list);
  if (expected_.empty())
    SSL_set_accept_state(ssl_);
  else
    SSL_set_connect_state(ssl_);
}

gateway_tls::~gateway_tls() { SSL_free(ssl_); }

failure gateway_tls::explain(int result, const char* doing) const {
  auto reason = SSL_get_error(ssl_, result);
  auto who = peer_.empty() ? expected_.empty() ? std::string("a gateway") : expected_ : peer_;
  std::error_code error{errno, std::generic_category()};
  if (reason == SSL_ERROR_SSL)
    error = {static_cast<int>(ERR_peek_last_error()), asio::error::get_ssl_category()};
  ERR_clear_error();
  if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && error.value() == 0))
    return {errc::hop_down, {}, who + " closed the gateway link"};
  auto why = explain_tls(error, who);
  why.text += std::string(" (") + doing + ")";
  return why;
}

outcome<bool> gateway_tls::shake() {
  ERR_clear_error();
  errno = 0;
  auto result = SSL_do_handshake(ssl_);
  auto reason = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, result);
  if (reason != SSL_ERROR_NONE && reason != SSL_ERROR_WANT_READ) {
    auto why = explain(result, "handshake of the gateway link");
    static_cast<void>(flush()); // the alert that tells the peer why
    return why;
  }
  if (auto sent = flush(); !sent) return sent;
  return reason == SSL_ERROR_NONE ? check_peer() : outcome<bool>{false};
}

outcome<trust::holder> gateway_tls::holder() const {
  if (!shown_.of_peer().empty()) return own_.judge(shown_.of_peer());
  auto* certificate = SSL_get1_peer_certificate(ssl_);
  auto found = own_.judge(peer_der(certificate));
  X509_free(certificate);
  return found;
}

outcome<trust::clock_time> gateway_tls::trusted_until() const {
  if (peer_.empty()) return trust::clock_time::max(); // not shown yet
  auto still = holder();
  if (!still) return still.error();
  return still->until;
}

std::optional<bytes> gateway_tls::newer() {
  auto made = shown_.newer(own_, ssl_, !expected_.empty());
  if (!made) return {};
  return pack(*made);
}

outcome<> gateway_tls::take_newer(byte_view shown) {
  auto read = unpack_shown(shown);
  if (!read) return read.error();
  auto taken = shown_.take(*read, own_, ssl_, {.name = peer_, .role = role::server}, !expected_.empty());
  return taken ? outcome<>{} : taken.error();
}

outcome<bool> gateway_tls::check_peer() {
  auto holder = this->holder();
  if (!holder) return holder.error();
  if (holder->role != role::server)
    return failure{errc::not_authorised, {}, holder->name + " is no server, and so no gateway"};
  if (!expected_.empty() && holder->name != expected_)
    return failure{errc::not_authorised, {}, "the gateway is " + holder->name + ", not " + expected_};
  peer_ = holder->name;
  return true;
}

outcome<std::size_t> gateway_tls::read(std::span<std::byte> room) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    std::size_t count = 0;
    ERR_clear_error();
    errno = 0;
    auto result = SSL_read_ex(ssl_, room.data() + filled, room.size() - filled, &count);
    filled += count;
    if (result == 1) continue;
    auto reason = SSL_get_error(ssl_, result);
    if (reason == SSL_ERROR_WANT_READ || filled > 0) break; // what is wrong shows again
    ended_ = reason == SSL_ERROR_ZERO_RETURN;
    return explain(result, "gateway link");
  }
  return filled;
}

void gateway_tls::write(byte_view data) {
  std::size_t count = 0;
  if (!data.empty()) SSL_write_ex(ssl_, data.data(), std::min(data.size(), longest_write), &count);
}

outcome<bool> gateway_tls::flush() {
  while (!sealed_.out.empty()) {
    auto part = sealed_.out.view();
    auto sent = ::send(sealed_.fd, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      sealed_.out.taken(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    } else if (errno != EINTR) {
      return failure{errc::hop_down, {}, "the gateway link broke: " + std::string(std::strerror(errno))};
    }
  }
  return true;
}

std::uint64_t gateway_tls::bytes_in() const { return BIO_number_read(SSL_get_rbio(ssl_)); }
std::uint64_t gateway_tls::bytes_out() const { return BIO_number_written(SSL_get_wbio(ssl_)); }

void gateway_tls::finish() { SSL_shutdown(ssl_); }

} // namespace hublink
