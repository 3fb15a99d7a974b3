#include "node/process/enrolment_call.hpp"

#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

namespace hublink {

void enrolment_call::begin(asio::io_context& context, dial_address where, bytes request, dial_settings how,
                           handler done) {
  asio::post(context, [&context, where = std::move(where), request = std::move(request), how = std::move(how),
                       done = std::move(done)] {
    auto made = std::make_shared<enrolment_call>(context, where, request, how, done);
    made->limit_.expires_after(patience);
    made->limit_.async_wait([made](std::error_code cancelled) {
      if (!cancelled) made->finish(failure{errc::timed_out, {}, "no answer"});
    });
    made->look_up();
  });
}

enrolment_call::enrolment_call(asio::io_context& context, dial_address where, bytes request,
                               dial_settings how, handler done)
    : context_(context), where_(std::move(where)), out_(frame_enrolment(request)), how_(std::move(how)),
      done_(std::move(done)), lookups_(context), limit_(context) {}

void enrolment_call::look_up() {
  if (auto known = where_.known_endpoint()) return dial({*known});
  lookups_.look_up(where_.name, {}, std::chrono::seconds{10},
                   [weak = weak_from_this()](const outcome<std::vector<ip_address>>& found) {
                     auto self = weak.lock(); // the time limit keeps it
                     if (!self) return;
                     if (!found) return self->finish(failure{errc::hop_down, {}, found.error().text});
                     endpoints places;
                     for (const auto& address : *found) places.push_back({address, self->where_.port});
                     self->dial(places);
                   });
}

void enrolment_call::dial(const endpoints& places) {
  connect_plainly(context_, places, how_, [self = shared_from_this()](const dialled& got) {
    if (!got.socket)
      return self->finish(
          failure{errc::hop_down, {}, "can't reach " + to_string(self->where_) + ": " + got.text});
    self->socket_ = got.socket;
    self->write();
  });
}

void enrolment_call::write() {
  asio::async_write(*socket_, asio::buffer(out_),
                    [self = shared_from_this()](std::error_code error, std::size_t) {
                      error ? self->broken(error) : self->read_head();
                    });
}

void enrolment_call::read_head() {
  asio::async_read(*socket_, asio::buffer(head_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     if (error) return self->broken(error);
                     if (auto size = read_answer_head(self->head_)) return self->read_body(*size);
                     self->finish(failure{errc::bad_message,
                                          {},
                                          to_string(self->where_) +
                                              " answers what is no answer: is it a hublink server?"});
                   });
}

void enrolment_call::read_body(std::size_t size) {
  body_.resize(size);
  asio::async_read(*socket_, asio::buffer(body_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     error ? self->broken(error) : self->finish(read_enrolment_answer(self->body_));
                   });
}

void enrolment_call::broken(std::error_code error) {
  finish(failure{errc::cut,
                 {},
                 to_string(where_) + " hung up (" + error.message() +
                     "): it is no server, or an earlier version, or was asked too often"});
}

void enrolment_call::finish(const outcome<enrolled>& answer) {
  auto tell = std::exchange(done_, {});
  limit_.cancel();
  lookups_.stop();
  asio::post(context_, [self = shared_from_this()] {}); // after an answer that is on its way already
  std::error_code ignored;
  if (socket_) socket_->close(ignored);
  if (tell) tell(answer);
}

} // namespace hublink
