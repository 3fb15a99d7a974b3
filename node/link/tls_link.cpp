#include "node/link/tls_link.hpp"

#include <asio/read.hpp>
#include <asio/write.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace hublink {
namespace {

bytes der_of(X509* certificate) {
  unsigned char* encoded = nullptr;
  auto size = certificate ? i2d_X509(certificate, &encoded) : 0;
  if (size <= 0) return {};
  auto view = std::as_bytes(std::span(encoded, static_cast<std::size_t>(size)));
  bytes der(view.begin(), view.end());
  OPENSSL_free(encoded);
  return der;
}

std::string address_of(const tcp::socket& socket) {
  std::error_code error;
  auto where = socket.remote_endpoint(error);
  return error ? "a peer that is gone" : to_string(from_asio(where));
}

} // namespace

tls_link::tls_link(tcp::socket socket, std::shared_ptr<const link_setup> setup, handler events)
    : stream_(std::move(socket), *setup->tls), setup_(std::move(setup)), events_(std::move(events)),
      where_(address_of(stream_.next_layer())), close_limit_(stream_.get_executor()),
      pause_(stream_.get_executor()) {
  tune(stream_.next_layer(), link_patience);
}

void tls_link::start_dialled(std::string expected) {
  expected_ = std::move(expected);
  where_ = expected_ + " (" + where_ + ")";
  handshake(asio::ssl::stream_base::client);
}

void tls_link::start_accepted(std::shared_ptr<void> ticket) {
  ticket_ = std::move(ticket);
  handshake(asio::ssl::stream_base::server);
}

void tls_link::handshake(asio::ssl::stream_base::handshake_type type) {
  stream_.set_verify_callback([this](bool fine, auto& context) { return verify(fine, context); });
  stream_.async_handshake(type, [self = shared_from_this()](std::error_code error) {
    if (self->state_ != state::shaking) return;
    if (error) return self->shake_failed(error);
    self->state_ = state::greeting;
    if (auto greeting = encode(self->setup_->mine))
      self->send(*greeting);
    else
      return self->fail(greeting.error());
    self->read_frame();
  });
}

// In the handshake, so that a peer that is refused learns of it by an alert.
bool tls_link::verify(bool fine, asio::ssl::verify_context& context) {
  auto raw = context.native_handle();
  auto error = X509_STORE_CTX_get_error(raw);
  // An old list is better than none: `trust` holds it the same way.
  if (!fine && (error == X509_V_ERR_CRL_HAS_EXPIRED || error == X509_V_ERR_CRL_NOT_YET_VALID)) return true;
  if (fine && X509_STORE_CTX_get_error_depth(raw) > 0) return true;
  auto holder = setup_->own.judge(der_of(X509_STORE_CTX_get0_cert(raw)));
  if (!holder)
    refusal_ = holder.error().text;
  else if (!fine)
    refusal_ = X509_verify_cert_error_string(error);
  else if (!expected_.empty() && holder->name != expected_)
    refusal_ = "it is " + holder->name + ", not " + expected_ + "; check the addresses";
  if (refusal_.empty())
    peer_ = *holder;
  else if (fine)
    X509_STORE_CTX_set_error(raw, X509_V_ERR_CERT_REJECTED); // becomes the alert
  return refusal_.empty();
}

void tls_link::shake_failed(std::error_code error) {
  if (refusal_.empty()) return fail(explain_tls(error, where_));
  auto tell = std::exchange(events_, {}).down;
  start_closing();
  linger(); // a reset could overtake the alert that tells the peer why
  if (tell) tell({errc::not_authorised, {}, where_ + " is refused: " + refusal_});
}

outcome<trust::clock_time> tls_link::trusted_until() {
  std::unique_ptr<X509, decltype(&X509_free)> peer{SSL_get1_peer_certificate(stream_.native_handle()),
                                                   X509_free};
  if (!peer) return trust::clock_time::max(); // not shown yet
  auto holder = setup_->own.judge(shown_.of_peer().empty() ? der_of(peer.get()) : shown_.of_peer());
  if (!holder) return failure{errc::not_authorised, {}, where_ + " is refused: " + holder.error().text};
  return holder->until;
}

void tls_link::show_newer() {
  if (state_ != state::up) return;
  auto newer = shown_.newer(setup_->own, stream_.native_handle(), !expected_.empty());
  if (!newer) return;
  if (auto message = encode(link_message{std::move(*newer)})) send(*message);
}

outcome<trust::clock_time> tls_link::take_newer(const shown_certificate& shown) {
  return shown_.take(shown, setup_->own, stream_.native_handle(), peer_, !expected_.empty());
}

link_binding tls_link::binding() const {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  link_binding made{};
  auto* ssl = const_cast<tls_link*>(this)->stream_.native_handle();
  if (SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(made.data()), made.size(),
                                 label.data(), label.size(), nullptr, 0, 0) != 1)
    ERR_clear_error();
  return made;
}

std::uint64_t tls_link::received() const {
  return BIO_number_read(SSL_get_rbio(const_cast<tls_link*>(this)->stream_.native_handle()));
}
std::uint64_t tls_link::sent() const {
  return BIO_number_written(SSL_get_wbio(const_cast<tls_link*>(this)->stream_.native_handle()));
}

void tls_link::adopt() {
  if (state_ == state::up && !reading_) read_frame();
}

void tls_link::read_frame() {
  reading_ = true;
  asio::async_read(stream_, asio::buffer(head_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     if (self->state_ == state::over) return;
                     if (error)
                       return self->state_ == state::closing ? self->close()
                                                             : self->fail(explain_tls(error, self->where_));
                     auto size = get_be<std::uint32_t>(self->head_.data());
                     auto most = self->state_ == state::greeting ? max_greeting : max_frame;
                     if (size > 0 && size <= most) return self->read_body(size);
                     self->fail({errc::bad_message,
                                 {},
                                 self->where_ + " sent a frame of " + std::to_string(size) + " bytes, 1 to " +
                                     std::to_string(most) + " are allowed"});
                   });
}

void tls_link::read_body(std::uint32_t size) {
  body_.resize(size);
  asio::async_read(stream_, asio::buffer(body_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     if (self->state_ == state::over) return;
                     if (self->state_ == state::closing) return error ? self->close() : self->read_frame();
                     if (error) return self->fail(explain_tls(error, self->where_));
                     auto message = decode(self->body_);
                     if (!message)
                       return self->fail({errc::bad_message, {}, self->where_ + ": " + message.error().text});
                     self->take(*message);
                   });
}

void tls_link::take(const link_message& message) {
  auto greeting = std::get_if<hello>(&message);
  if (greeting && state_ == state::greeting) return take_hello(*greeting);
  if (greeting || state_ == state::greeting)
    return fail(
        {errc::bad_message, {}, where_ + (greeting ? " said hello twice" : " did not say hello first")});
  events_.received(message, body_.size());
  if (state_ == state::up) read_on();
}

// What is not read waits with the peer: TCP tells it to stop.
void tls_link::read_on() {
  auto pause = events_.pause ? events_.pause() : std::chrono::milliseconds{0};
  if (pause.count() == 0) return read_frame();
  reading_ = false;
  pause_.expires_after(pause);
  pause_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled && self->state_ == state::up && !self->reading_) self->read_frame();
  });
}

void tls_link::take_hello(const hello& theirs) {
  if (theirs.name != peer_.name || theirs.role != peer_.role)
    return fail({errc::not_authorised,
                 {},
                 where_ + " says that it is " + theirs.name + ", its certificate is of " + peer_.name});
  auto version = negotiate(setup_->mine, theirs);
  if (!version) return fail(version.error());
  version_ = *version;
  state_ = state::up;
  reading_ = false;
  where_ = peer_.name;
  ticket_.reset();
  auto up = events_.up; // it may abort the link
  up(theirs);
}

void tls_link::send(const bytes& message) {
  if (state_ != state::up && state_ != state::greeting) return;
  if (unwritten() + message.size() > max_queued)
    return fail({errc::busy, {}, where_ + " takes its messages too slowly"});
  std::array<std::byte, 4> head;
  put_be(head.data(), static_cast<std::uint32_t>(message.size()));
  queued_.insert(queued_.end(), head.begin(), head.end());
  queued_.insert(queued_.end(), message.begin(), message.end());
  flush();
}

void tls_link::flush() {
  if (!writing_.empty()) return;
  if (queued_.empty()) return state_ == state::closing ? linger() : void();
  std::swap(writing_, queued_);
  asio::async_write(stream_, asio::buffer(writing_),
                    [self = shared_from_this()](std::error_code error, std::size_t) {
                      if (self->events_.written) self->events_.written(self->writing_.size());
                      self->writing_.clear();
                      if (self->state_ == state::over) return;
                      if (!error) return self->flush();
                      if (self->state_ == state::closing) return self->close();
                      // The read knows better why: an alert may have come before the reset.
                      if (!self->reading_) self->fail(explain_tls(error, self->where_));
                    });
}

void tls_link::hang_up() {
  events_ = {};
  if (state_ != state::up) return abort();
  start_closing();
  flush();
}

void tls_link::start_closing() {
  state_ = state::closing;
  close_limit_.expires_after(std::chrono::seconds(5));
  close_limit_.async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->close();
  });
}

// Closing with unread bytes would be a reset, which may overtake what was sent last.
void tls_link::linger() {
  std::error_code ignored;
  stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  if (!reading_) discard();
}

void tls_link::discard() {
  body_.resize(max_frame);
  stream_.next_layer().async_read_some(asio::buffer(body_),
                                       [self = shared_from_this()](std::error_code error, std::size_t) {
                                         if (error)
                                           self->close();
                                         else
                                           self->discard();
                                       });
}

void tls_link::fail(const failure& why) {
  auto tell = std::exchange(events_, {}).down;
  close();
  if (tell) tell(why);
}

void tls_link::abort() {
  events_ = {};
  close();
}

void tls_link::close() {
  state_ = state::over;
  ticket_.reset();
  close_limit_.cancel();
  pause_.cancel();
  if (line_) line_->leave();
  std::error_code ignored;
  stream_.next_layer().close(ignored);
}

} // namespace hublink
