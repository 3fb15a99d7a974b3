#include "node/circuit/dial_data.hpp"

#include "protocol/circuit/preamble.hpp"

#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

namespace hublink {
namespace {

using handler = std::function<void(outcome<std::shared_ptr<tcp::socket>>)>;

/// Shows the token and waits for the status byte.
class introduction : public std::enable_shared_from_this<introduction> {
 public:
  introduction(std::shared_ptr<tcp::socket> socket, endpoint where, const token& key, handler done)
      : socket_(std::move(socket)), where_(where), preamble_(make_preamble(key)), done_(std::move(done)),
        timer_(socket_->get_executor()) {}

  void start(std::chrono::milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled) self->fail(errc::hop_down, "does not answer");
    });
    asio::async_write(*socket_, asio::buffer(preamble_),
                      [self = shared_from_this()](std::error_code, std::size_t) {
                        self->read_status(); // which also tells what went wrong with the write
                      });
  }

 private:
  void read_status() {
    asio::async_read(*socket_, asio::buffer(&status_, 1),
                     [self = shared_from_this()](std::error_code error, std::size_t) {
                       if (error && error != asio::error::eof)
                         return self->fail(errc::hop_down, error.message());
                       if (error || self->status_ != data_status::accepted)
                         return self->fail(errc::bad_token, "refused the data token");
                       self->finish(self->socket_);
                     });
  }
  void fail(errc code, const std::string& text) {
    if (!done_) return;
    reset(*socket_);
    finish(failure{code, {}, to_string(where_) + " " + text});
  }
  void finish(outcome<std::shared_ptr<tcp::socket>> result) {
    timer_.cancel();
    if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  std::shared_ptr<tcp::socket> socket_;
  endpoint where_;
  std::array<std::byte, preamble_size> preamble_;
  data_status status_ = data_status::refused;
  handler done_;
  asio::steady_timer timer_;
};

} // namespace

void dial_data(asio::io_context& context, const endpoints& where, const token& key, const dial_settings& how,
               handler done) {
  auto start = std::chrono::steady_clock::now();
  connect(context, where, how, [=, &context](outcome<connection> got) {
    if (!got) return done(got.error());
    auto used =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    auto others = without(where, got->where);
    auto shown = [=, &context](outcome<std::shared_ptr<tcp::socket>> taken) {
      if (taken || others.empty()) return done(std::move(taken));
      dial_data(context, others, key, how, [first = taken.error(), done](auto again) {
        done(again ? std::move(again) : outcome<std::shared_ptr<tcp::socket>>{first});
      });
    };
    std::make_shared<introduction>(got->socket, got->where, key, std::move(shown))
        ->start(std::max(how.timeout - used, std::chrono::milliseconds(1)));
  });
}

} // namespace hublink
