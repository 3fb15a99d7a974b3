#pragma once
/// Sockets whose gateway is not there yet: a thread of the library waits for it in the application's stead,
/// while there are any. What the kernel says of such a socket meanwhile is not said to the application.
namespace hublink::wrap {

/// Might a socket of this process have a gateway that was not spoken to yet? Async-signal-safe.
bool is_anybody_dialling();

/// The same for a `connect` under way.
class dialling_now {
 public:
  dialling_now();
  ~dialling_now();
  dialling_now(const dialling_now&) = delete;
  dialling_now& operator=(const dialling_now&) = delete;
};

/// Both with the lock held. False: there is no thread to be had.
bool follow(int fd);
void follow_no_more(int fd);
bool is_followed(int fd);

} // namespace hublink::wrap
