#include "node/enclosure/name_session.hpp"

#include <asio/read.hpp>
#include <asio/write.hpp>

#include <memory>

namespace hublink {

namespace {

constexpr std::size_t length_size = 2;

class name_session : public std::enable_shared_from_this<name_session> {
 public:
  name_session(tcp::socket socket, name_answers& names) : socket_(std::move(socket)), names_(names) {}

  void next() {
    message_.resize(length_size);
    read([](name_session& own) {
      own.message_.resize(get_be<std::uint16_t>(own.message_.data()));
      own.read([](name_session& self) { self.reply(); });
    });
  }

 private:
  void read(void (*then)(name_session&)) {
    asio::async_read(socket_, asio::buffer(message_),
                     [self = shared_from_this(), then](std::error_code failed, std::size_t) {
                       if (!failed) then(*self);
                     });
  }

  void reply() {
    auto answer = names_.answer(message_);
    if (!answer) return reset(socket_);
    message_.resize(length_size);
    put_be(message_.data(), static_cast<std::uint16_t>(answer->size()));
    message_.insert(message_.end(), answer->begin(), answer->end());
    asio::async_write(socket_, asio::buffer(message_),
                      [self = shared_from_this()](std::error_code failed, std::size_t) {
                        if (!failed) self->next();
                      });
  }

  tcp::socket socket_;
  name_answers& names_;
  bytes message_;
};

} // namespace

void serve_names(tcp::socket socket, name_answers& names) {
  std::make_shared<name_session>(std::move(socket), names)->next();
}

} // namespace hublink
