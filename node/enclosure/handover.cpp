#include "node/enclosure/handover.hpp"
#include "node/socket/sockets.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <span>

namespace hublink {

namespace {

constexpr std::size_t most_descriptors = 2;

struct descriptor_message {
  explicit descriptor_message(std::span<char> words) : part{words.data(), words.size()} {
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = control.size();
  }

  iovec part;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
  msghdr head{};
};

} // namespace

// With descriptors the words are nothing but a blank.
void hand_over(int socket, const outcome<namespace_pair>& what) {
  auto words = what ? std::string{" "} : to_string(what.error());
  descriptor_message message{words};
  if (what) {
    int sent[most_descriptors] = {what->network.get(), what->user.get()};
    const auto size = (what->user ? 2 : 1) * sizeof(int);
    auto* first = CMSG_FIRSTHDR(&message.head);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(size);
    message.head.msg_controllen = CMSG_SPACE(size);
    std::memcpy(CMSG_DATA(first), sent, size);
  } else {
    message.head.msg_controllen = 0;
  }
  uninterrupted([&] { return ::sendmsg(socket, &message.head, MSG_NOSIGNAL); });
}

outcome<namespace_pair> take_over(int socket) {
  std::array<char, 1024> words{};
  descriptor_message message{words};
  auto got = uninterrupted([&] { return ::recvmsg(socket, &message.head, MSG_CMSG_CLOEXEC); });
  if (got <= 0) return {errc::failed, "the process that was to carry the connections ended"};
  auto* first = CMSG_FIRSTHDR(&message.head);
  if (!first || first->cmsg_type != SCM_RIGHTS)
    return {errc::bad_config, std::string(words.data(), static_cast<std::size_t>(got))};
  int taken[most_descriptors] = {-1, -1};
  std::memcpy(taken, CMSG_DATA(first), std::min(sizeof taken, std::size_t(first->cmsg_len - CMSG_LEN(0))));
  return namespace_pair{unique_fd{taken[1]}, unique_fd{taken[0]}};
}

} // namespace hublink
