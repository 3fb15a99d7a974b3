#include "opening.hpp"
#include "real.hpp"
#include "request_rules.hpp"
#include "socks_words.hpp"

#include <cerrno>
#include <cstring>
#include <sys/uio.h>

namespace hublink::wrap {

namespace {

const unsigned char nothing[opening::usual_padding] = {};

} // namespace

opening::opening(int fd, const note& known, std::uint32_t padding) : head_size_(0), padding_(padding) {
  const unsigned char silently[] = {5, 1, 0x80, 1}; // method, and version of the login behind it
  auto put = [this](const void* data, std::size_t size) {
    std::memcpy(head_ + head_size_, data, size);
    head_size_ += static_cast<std::uint32_t>(size);
  };
  put(silently, sizeof silently);
  const auto who = login();
  const auto lengths = [](std::size_t size) { return static_cast<unsigned char>(size); };
  const unsigned char user_size = lengths(who.user_size), password_size = lengths(who.password_size);
  put(&user_size, 1);
  put(who.user, who.user_size);
  put(&password_size, 1);
  put(who.password, who.password_size);
  auto add = [this](std::size_t size) { head_size_ += static_cast<std::uint32_t>(size); };
  add(put_stream_rules(head_ + head_size_, fd, known.user_timeout_ms));
  add(put_request(head_ + head_size_, command::deferred, 0, known.original));
  for (int shift = 24; shift >= 0; shift -= 8)
    head_[head_size_++] = static_cast<unsigned char>(padding >> shift);
}

// The application's own bytes are not joined to these (MSG_EOR): while they wait, it can't send.
int opening::say(int fd, std::uint32_t but) const {
  iovec parts[2] = {{const_cast<unsigned char*>(head_), head_size_},
                    {const_cast<unsigned char*>(nothing), padding_ - but}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  for (;;) {
    auto sent = real().sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    auto left = static_cast<std::size_t>(sent);
    for (auto& part : parts) {
      auto done = left < part.iov_len ? left : part.iov_len;
      part.iov_base = static_cast<unsigned char*>(part.iov_base) + done;
      part.iov_len -= done;
      left -= done;
    }
    if (parts[1].iov_len == 0) return 0;
  }
}

int opening::say_last(int fd, int flags) {
  auto sent = real().sendto(fd, nothing, 1, flags | MSG_NOSIGNAL | MSG_EOR, nullptr, 0);
  return sent == 1 ? 0 : errno;
}

} // namespace hublink::wrap
