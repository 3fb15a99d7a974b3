#include "node/web/web_connection.hpp"
#include "node/web/problem.hpp"

namespace hublink {

namespace {

constexpr web_times times;
constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

web_connection::web_connection(asio::io_context& context, web_thread thread, tcp::socket socket,
                               std::shared_ptr<asio::ssl::context> tls, std::string from,
                               web_service& service, ended over)
    : thread_(std::move(thread)), socket_(std::move(socket), std::move(tls)), from_(std::move(from)),
      service_(service), over_(std::move(over)), timer_(context) {}

void web_connection::within(std::chrono::seconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    if (cancelled) return;
    if (auto self = weak.lock()) self->close();
  });
}

void web_connection::start() {
  within(times.handshake);
  socket_.shake_hands([self = shared_from_this()](std::error_code error) {
    if (error) return self->close();
    self->within(times.head);
    self->read();
  });
}

void web_connection::close() {
  if (!std::exchange(is_open_, false)) return;
  timer_.cancel();
  if (auto running = std::exchange(exchange_, {})) running->cancel();
  source_.reset();
  socket_.close();
  if (auto over = std::exchange(over_, {})) over(shared_from_this());
}

// -- requests

void web_connection::read() {
  socket_.read_some(room_, [self = shared_from_this()](std::error_code error, std::size_t count) {
    if (error || !self->is_open_) return self->close();
    self->take({self->room_.data(), count});
  });
}

void web_connection::take(std::string_view data) {
  if (parser_.is_idle()) within(times.head); // from its first byte on
  parser_.add(data);
  go_on();
}

void web_connection::go_on() {
  switch (parser_.read()) {
  case http_parser::step::more:
    return read();
  case http_parser::step::wrong:
    return refuse();
  case http_parser::step::whole:
    return begin();
  case http_parser::step::head:
    break;
  }
  within(times.body);
  parser_.limit_body(service_.most_body(parser_.request()));
  if (!parser_.refusal().why.empty()) return refuse();
  if (!parser_.request().expects_continue) return go_on();
  write(std::string{go_ahead}, [self = shared_from_this()] { self->go_on(); });
}

void web_connection::refuse() {
  const auto& why = parser_.refusal();
  auto refusal = problem_answer(why.status, why.why);
  refusal.closes = true;
  answer(std::move(refusal));
}

void web_connection::begin() {
  timer_.cancel(); // who answers has times of its own
  auto request = std::move(parser_.request());
  head_only_ = request.method == "HEAD";
  keeps_ = request.keeps_alive;
  auto weak = weak_from_this();
  web_exchange::handler to{[weak, thread = thread_](http_answer what) {
                             thread.post([weak, what = std::move(what)]() mutable {
                               if (auto self = weak.lock()) self->answer(std::move(what));
                             });
                           },
                           [weak](http_answer head, std::shared_ptr<web_source> source) {
                             if (auto self = weak.lock()) self->stream(std::move(head), std::move(source));
                           }};
  auto running = std::make_shared<web_exchange>(std::move(request), from_, std::move(to));
  exchange_ = running;
  socket_.when_hung_up(shared_from_this(), [weak] {
    auto self = weak.lock();
    if (self && (self->exchange_ || self->source_)) self->close();
  });
  service_.serve(running);
}

// -- answers

void web_connection::answer(http_answer what) {
  if (!is_open_) return;
  exchange_.reset();
  ++answered_;
  const bool keeps = !what.closes && keeps_;
  auto text = head_of(what, what.body.size(), keeps);
  if (!head_only_) text += what.body;
  write(std::move(text), [self = shared_from_this(), keeps] {
    if (!keeps) return self->finish();
    self->parser_.next();
    self->within(times.idle);
    self->go_on();
  });
}

void web_connection::finish() {
  within(times.finishing);
  socket_.finish([self = shared_from_this()] { self->close(); });
}

void web_connection::stream(http_answer head, std::shared_ptr<web_source> source) {
  if (!is_open_) return;
  exchange_.reset();
  source_ = std::move(source);
  write(head_of(head, {}, false), [self = shared_from_this()] { self->ask_source(); });
}

void web_connection::ask_source() {
  if (!source_) return;
  timer_.cancel();
  source_->ask([weak = weak_from_this()](std::string text, bool last) {
    auto self = weak.lock();
    if (!self || !self->is_open_) return;
    self->write(std::move(text), [self, last] { last ? self->finish() : self->ask_source(); });
  });
}

void web_connection::write(std::string text, std::function<void()> then) {
  output_ = std::move(text);
  is_writing_ = true;
  within(times.reading);
  socket_.write(output_,
                [self = shared_from_this(), then = std::move(then)](std::error_code error, std::size_t) {
                  self->is_writing_ = false;
                  if (error || !self->is_open_) return self->close();
                  self->output_.clear();
                  then();
                });
}

} // namespace hublink
