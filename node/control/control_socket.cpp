#include "node/control/control_socket.hpp"
#include "node/control/control_path.hpp"
#include "node/socket/descriptor_room.hpp"
#include "node/topology/topology.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace hublink {

namespace {
/// A topology, for `apply`, whose quotes and line ends are escaped in it.
constexpr std::size_t longest_request = 2 * longest_topology;
/// At first. A line with a password is shorter: it is never moved, and leaves no copy behind.
constexpr std::size_t usual_request = 16 << 10;
constexpr std::size_t most_silent_sessions = 64;
constexpr std::chrono::milliseconds accept_later{50};
} // namespace

/// One connection: reads a line, lets an actor answer it, writes what that one says.
class control_socket::session : public std::enable_shared_from_this<session> {
 public:
  session(control_socket& owner, asio::local::stream_protocol::socket socket)
      : owner_(&owner), socket_(std::move(socket)) {}

  void start() {
    auto self = shared_from_this();
    input_.reserve(usual_request);
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, longest_request), '\n',
                           [self](std::error_code error, std::size_t length) {
                             if (error) return self->close();
                             self->input_.resize(length - 1);
                             self->serve(std::move(self->input_));
                           });
  }

  int descriptor() { return socket_.native_handle(); }
  /// Has asked for nothing yet.
  bool is_silent() const { return owner_ && !request_; }

  void close() {
    std::error_code ignored;
    socket_.close(ignored);
    if (request_) caf::anon_send_exit(*request_, caf::exit_reason::user_shutdown);
    request_.reset();
    if (auto* owner = std::exchange(owner_, nullptr)) owner->sessions_.erase(shared_from_this());
  }

 private:
  void serve(std::string line) {
    auto reply = [weak = weak_from_this(), &context = owner_->context_](std::string answer, bool last) {
      asio::post(context, [weak, answer = std::move(answer), last]() mutable {
        if (auto self = weak.lock()) self->write(std::move(answer) + "\n", last);
      });
    };
    auto services = owner_->services_;
    services.when_read = [weak = weak_from_this(), &context = owner_->context_](std::function<void()> call) {
      asio::post(context, [weak, call = std::move(call)]() mutable {
        if (auto self = weak.lock()) self->when_read(std::move(call));
      });
    };
    request_ = owner_->server_(std::move(services), std::move(line), std::move(reply));
    watch_for_hang_up();
  }

  // A command that was interrupted must not leave its watcher behind.
  void watch_for_hang_up() {
    socket_.async_wait(asio::local::stream_protocol::socket::wait_read,
                       [self = shared_from_this()](std::error_code error) {
                         if (error != asio::error::operation_aborted) self->close();
                       });
  }

  void when_read(std::function<void()> call) {
    if (output_.empty()) return call();
    when_read_ = std::move(call);
  }

  void write(std::string line, bool last) {
    last_ = last_ || last;
    output_.push_back(std::move(line));
    if (output_.size() == 1) write_next();
  }

  void write_next() {
    asio::async_write(socket_, asio::buffer(output_.front()),
                      [self = shared_from_this()](std::error_code error, std::size_t) {
                        if (error) return self->close();
                        self->output_.pop_front();
                        if (!self->output_.empty()) return self->write_next();
                        if (self->last_) return self->close();
                        if (auto call = std::exchange(self->when_read_, {})) call();
                      });
  }

  control_socket* owner_;
  asio::local::stream_protocol::socket socket_;
  std::string input_;
  std::deque<std::string> output_;
  std::function<void()> when_read_;
  bool last_ = false;
  std::optional<control_actor> request_;
};

control_socket::control_socket(asio::io_context& context, control_services services, control_server server)
    : context_(context), services_(std::move(services)), server_(std::move(server)), acceptor_(context),
      pause_(context) {}

control_socket::~control_socket() = default;

outcome<> control_socket::listen(const std::filesystem::path& directory) {
  path_ = directory / "control.sock";
  ::unlink(path_.c_str());
  control_path where{directory};
  std::error_code error;
  acceptor_.open(asio::local::stream_protocol{}, error);
  auto before = ::umask(0177); // no moment at which others could connect
  if (!error) acceptor_.bind({where.address}, error);
  ::umask(before);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return {errc::bad_config, path_.string() + ": " + error.message()};
  accept();
  return {};
}

void control_socket::accept() {
  acceptor_.async_accept([this](std::error_code error, asio::local::stream_protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return pause(error.message());
    auto made = *sessions_.insert(std::make_shared<session>(*this, std::move(socket))).first;
    silent_.push_back(made);
    const bool is_tight = !leaves_room(made->descriptor(), entrance_kind::application);
    make_room(is_tight ? silent_.size() / 2 + 1 : most_silent_sessions);
    made->start();
    accept();
  });
}

void control_socket::make_room(std::size_t most_silent) {
  std::erase_if(silent_, [](const auto& each) {
    auto connection = each.lock();
    return !connection || !connection->is_silent();
  });
  while (silent_.size() > most_silent) {
    auto oldest = silent_.front().lock();
    silent_.pop_front();
    if (oldest) oldest->close();
  }
}

// Short of descriptors or memory: to try again at once would be all that this thread does.
void control_socket::pause(const std::string& why) {
  note_shortage(entrance_kind::control, why);
  make_room(silent_.size() - silent_.size() / 2); // the system says so even where nobody waits
  pause_.expires_after(accept_later);
  pause_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) accept();
  });
}

void control_socket::stop() {
  std::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  while (!sessions_.empty()) (*sessions_.begin())->close();
  ::unlink(path_.c_str());
}

} // namespace hublink
