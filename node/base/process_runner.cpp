#include "node/base/process_runner.hpp"
#include "node/base/descriptor_limit.hpp"
#include "node/base/job_fence.hpp"
#include "node/base/unique_fd.hpp"
#include "protocol/base/utf8.hpp"

#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::chrono::seconds grace{5}; ///< between SIGTERM and SIGKILL
constexpr std::chrono::seconds killed_within{1};

/// Variables that may hold secrets, or are for the node alone.
bool is_kept_back(std::string_view name) {
  return name == "HUBLINK_FAULT" || name == "HUBLINK_PASSWORD" || name == "HUBLINK_PASSPHRASE";
}

/// The node's own environment, without what is kept back, and the facts, as `execve` wants them.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& facts) {
  std::vector<std::string> all;
  for (char** each = environ; *each; ++each) {
    std::string_view line{*each};
    auto name = line.substr(0, line.find('='));
    if (!facts.count(std::string{name}) && !is_kept_back(name)) all.emplace_back(line);
  }
  for (const auto& [name, value] : facts) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& each : texts) all.push_back(each.data());
  all.push_back(nullptr);
  return all;
}

/// How it shall start: both outputs into `output`, nothing to read, no other descriptor but that of a report,
/// signals as usual.
class spawn_plan {
 public:
  spawn_plan(const std::filesystem::path& folder, int output, int report) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 2);
    ::posix_spawn_file_actions_adddup2(&actions_, report, job_fence::report_descriptor);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, job_fence::report_descriptor + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_plan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  spawn_plan(const spawn_plan&) = delete;

  /// An errno, or 0.
  int start(pid_t& pid, std::vector<std::string> command, std::vector<std::string> environment) {
    auto words = pointers_to(command), variables = pointers_to(environment);
    return ::posix_spawnp(&pid, words.front(), &actions_, &attributes_, words.data(), variables.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// A pipe whose reader does not block.
struct one_way {
  unique_fd out, in;

  /// False: `errno` says why not.
  bool open() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    out = unique_fd{ends[0]};
    in = unique_fd{ends[1]};
    return ::fcntl(ends[1], F_SETFL, 0) == 0; // the job may block on it
  }
};

/// Lines of printable text, whatever was written.
std::string printable_lines(std::string_view output) {
  std::string lines;
  for (std::size_t at = 0; at < output.size();) {
    auto end = std::min(output.find('\n', at), output.size());
    lines += make_printable(output.substr(at, end - at), max_job_output) + "\n";
    at = end + 1;
  }
  return lines;
}

/// Of those that were killed. What a disk keeps that does not answer ends with that, whoever is there by
/// then.
void wait_for(const std::vector<pid_t>& killed) {
  for (auto until = std::chrono::steady_clock::now() + killed_within; auto pid : killed)
    while (pid > 0 && ::waitpid(pid, nullptr, WNOHANG) == 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
}

std::string last_line(std::string_view output) {
  while (output.ends_with('\n')) output.remove_suffix(1);
  return make_printable(output.substr(output.rfind('\n') + 1), 200);
}

} // namespace

/// One process, until it ended and was told of.
class job_process : public std::enable_shared_from_this<job_process> {
 public:
  job_process(asio::io_context& context, job_order order, weak_owner<job_owner> owner)
      : order_(std::move(order)), owner_(std::move(owner)), output_(context), exit_(context),
        limit_(context) {}

  void start(const std::filesystem::path& folder, const std::vector<std::string>& hidden) {
    one_way output, report;
    if (!output.open() || !report.open()) return refuse(errno);
    output_.assign(::fcntl(output.out.get(), F_DUPFD_CLOEXEC, 0));
    auto facts = order_.facts;
    facts["HUBLINK_PATH"] = (folder / order_.path).lexically_normal();
    spawn_plan plan{folder, output.in.get(), report.in.get()};
    auto command = job_fence::around(order_.job.command, hidden);
    if (int error = plan.start(pid_, std::move(command), environment_with(facts))) return refuse(error);
    restore_descriptor_limit(pid_);
    report_ = std::move(report.out);
    int watched = int(::syscall(SYS_pidfd_open, pid_, 0));
    if (watched < 0) return abandon(errno);
    exit_.assign(watched);
    read_output();
    exit_.async_wait(exit_.wait_read, [self = shared_from_this()](std::error_code stopped) {
      if (!stopped) self->take_end();
    });
    wait_until(order_.job.timeout, SIGTERM);
  }

  /// Whom its end is to be waited for; 0: it had ended.
  pid_t kill() {
    if (pid_ <= 0) return 0;
    ::kill(-pid_, SIGKILL);
    close();
    return std::exchange(pid_, 0);
  }

 private:
  void refuse(int error) {
    tell({false, "can't run " + order_.job.command.front() + ": " + std::strerror(error)});
  }

  void abandon(int error) {
    wait_for({kill()});
    refuse(error);
  }

  void read_output() {
    output_.async_wait(output_.wait_read, [self = shared_from_this()](std::error_code stopped) {
      if (!stopped && self->drain()) self->read_output();
    });
  }

  /// False at its end. Only the last of it is kept.
  bool drain() {
    char some[4096];
    ssize_t count = 0;
    while ((count = ::read(output_.native_handle(), some, sizeof some)) > 0) {
      kept_.append(some, std::size_t(count));
      if (kept_.size() > max_job_output) kept_.erase(0, kept_.size() - max_job_output);
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }

  void wait_until(std::chrono::seconds limit, int signal) {
    limit_.expires_after(limit);
    limit_.async_wait([self = shared_from_this(), signal](std::error_code stopped) {
      if (stopped || self->pid_ <= 0) return;
      self->timed_out_ = true;
      ::kill(-self->pid_, signal);
      if (signal == SIGTERM) self->wait_until(grace, SIGKILL);
    });
  }

  void take_end() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    drain();
    close();
    auto why_not = read_report();
    tell(why_not.empty() || timed_out_ ? result_of(status) : job_result{false, why_not});
  }

  /// Empty: the job began.
  std::string read_report() {
    char text[1024];
    auto count = ::read(report_.get(), text, sizeof text);
    return count > 0 ? make_printable({text, std::size_t(count)}, sizeof text) : std::string{};
  }

  job_result result_of(int status) const {
    auto line = last_line(kept_);
    auto detail = line.empty() ? "" : ": " + line;
    if (timed_out_)
      return {false,
              "ran longer than " + std::to_string(order_.job.timeout.count()) + " s and was ended" + detail};
    if (WIFSIGNALED(status))
      return {false, "was ended by signal " + std::to_string(WTERMSIG(status)) + detail};
    if (WEXITSTATUS(status) == 0) return {true, line};
    return {false, "ended with exit code " + std::to_string(WEXITSTATUS(status)) + detail};
  }

  void close() {
    std::error_code ignored;
    output_.close(ignored);
    exit_.close(ignored);
    limit_.cancel();
  }

  void tell(job_result how) { owner_.tell(job_ended{order_.number, std::move(how), printable_lines(kept_)}); }

  job_order order_;
  weak_owner<job_owner> owner_;
  asio::posix::stream_descriptor output_, exit_;
  asio::steady_timer limit_;
  unique_fd report_;
  pid_t pid_ = 0; ///< and its session's
  std::string kept_;
  bool timed_out_ = false;
};

process_runner::~process_runner() { stop(); }

void process_runner::run(job_order order, weak_owner<job_owner> owner) {
  asio::post(context_, [this, order = std::move(order), owner = std::move(owner)]() mutable {
    std::erase_if(running_, [](const auto& process) { return process.expired(); });
    auto process = std::make_shared<job_process>(context_, std::move(order), std::move(owner));
    running_.push_back(process);
    process->start(folder_, hidden_);
  });
}

void process_runner::stop() {
  std::vector<pid_t> killed;
  for (auto& running : std::exchange(running_, {}))
    if (auto process = running.lock()) killed.push_back(process->kill());
  wait_for(killed);
}

} // namespace hublink
