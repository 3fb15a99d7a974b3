#include "node/plane/enrolment_caller.hpp"

#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <algorithm>

namespace hublink {

namespace {
constexpr std::chrono::seconds answer_takes{30}; // for who reads slowly
constexpr std::chrono::seconds between_desk_looks{1};
constexpr int looks_after_note = 2;
} // namespace

void enrolment_caller::take(tcp::socket socket, std::string source,
                            std::shared_ptr<unproven_connections::ticket> ticket, enrolment_desk& desk,
                            renewal_check check) {
  auto made =
      std::make_shared<enrolment_caller>(std::move(socket), std::move(source), desk, std::move(check));
  if (ticket)
    ticket->on_drop([weak = made->weak_from_this()] {
      if (auto alive = weak.lock()) alive->drop();
    });
  made->ticket_ = std::move(ticket);
  made->read_head();
}

enrolment_caller::~enrolment_caller() {
  if (number_ > 0 && !answered_) desk_.take_back(number_);
}

void enrolment_caller::read_head() {
  asio::async_read(socket_, asio::buffer(head_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     auto size = error ? std::nullopt : read_enrolment_head(self->head_);
                     size ? self->read_request(*size) : self->drop();
                   });
}

void enrolment_caller::read_request(std::size_t size) {
  body_.resize(size);
  asio::async_read(socket_, asio::buffer(body_),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     error ? self->drop() : self->bring();
                   });
}

// What is no request, or not signed with its own key, wakes no manager.
void enrolment_caller::bring() {
  ticket_.reset();
  auto genuine = read_signing_request(body_);
  if (!genuine) return answer(genuine.error());
  const bool renewal = genuine->is_renewal();
  if (auto proven = renewal ? check_(*genuine) : outcome<>{}; !proven) return answer(proven.error());
  auto told = [weak = weak_from_this(), executor = socket_.get_executor()](const outcome<enrolled>& what) {
    asio::post(executor, [weak, what] {
      if (auto alive = weak.lock()) alive->answer(what);
    });
  };
  auto number = desk_.put(std::move(body_), renewal ? genuine->node : source_, told, renewal);
  if (!number) return answer(number.error());
  number_ = *number;
  wait(patience / between_desk_looks);
}

// A manager who knows no such code may not be the only one.
void enrolment_caller::wait(int looks) {
  timer_.expires_after(between_desk_looks);
  timer_.async_wait([self = shared_from_this(), looks](std::error_code cancelled) {
    if (cancelled || self->answered_) return;
    if (looks == 0) return self->answer(self->desk_.take_back(self->number_));
    self->wait(std::min(looks - 1, self->desk_.is_noted(self->number_) ? looks_after_note : looks));
  });
}

void enrolment_caller::answer(const outcome<enrolled>& what) {
  if (std::exchange(answered_, true)) return;
  body_ = frame_answer(what);
  timer_.expires_after(answer_takes);
  timer_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    if (auto alive = weak.lock(); alive && !cancelled) alive->drop();
  });
  asio::async_write(socket_, asio::buffer(body_),
                    [self = shared_from_this()](std::error_code, std::size_t) { self->drop(); });
}

void enrolment_caller::drop() {
  std::error_code ignored;
  timer_.cancel();
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
  ticket_.reset();
}

} // namespace hublink
