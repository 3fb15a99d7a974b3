#include "node/web/event_hub.hpp"
#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/serve_request.hpp"
#include "node/web/problem.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::seconds lingers{60};
constexpr std::size_t most_feeds = 64;

/// The text of an object behind a mark of the ring's.
std::string marked(std::string_view mark, const std::string& object) {
  return std::string{mark} + (object.size() > 2 ? object.substr(1) : "\"none\":true}");
}

} // namespace

class event_hub::feed : public std::enable_shared_from_this<feed> {
 public:
  feed(asio::io_context& context, web_thread thread, caf::actor_system& system)
      : thread_(std::move(thread)), system_(system), timer_(context), ring_(std::make_shared<event_ring>()) {}
  ~feed() { stop(); }

  /// Held by each reader; when the last one is gone, it lingers.
  event_reader join(const control_services& services, const std::string& user) {
    timer_.cancel();
    auto held = readers_.lock();
    if (!held) {
      held = std::shared_ptr<void>(nullptr, [weak = weak_from_this()](void*) {
        if (auto self = weak.lock()) self->linger();
      });
      readers_ = held;
    }
    if (!worker_) begin(services, user);
    event_reader made;
    made.ring = ring_;
    made.joined = ring_->end();
    made.first = first_;
    made.feed = std::move(held);
    return made;
  }

  void stop() {
    timer_.cancel();
    if (worker_) caf::anon_send_exit(*worker_, caf::exit_reason::user_shutdown);
    worker_.reset();
    first_.clear();
  }

  bool is_idle() const { return readers_.expired(); }

 private:
  void begin(control_services services, const std::string& user) {
    const auto round = ++round_;
    // The ring drops what is too old, so its reader is never behind.
    services.when_read = [thread = thread_](std::function<void()> call) { thread.post(std::move(call)); };
    auto reply = [weak = weak_from_this(), thread = thread_, round](std::string line, bool last) {
      thread.post([weak, line = std::move(line), last, round] {
        if (auto self = weak.lock(); self && self->round_ == round) self->take(line, last);
      });
    };
    json request{{"verb", "feed"}, {"follow", true}};
    if (!user.empty()) request["user"] = user;
    worker_ = serve_request(system_, std::move(services), std::move(request), std::move(reply));
  }

  void take(const std::string& line, bool last) {
    auto read = read_json_object(line);
    if (!read) return;
    if (read->contains("nodes")) {
      first_ = sse_event("following", "", line);
      ring_->put(marked(feed_begun, line), {}, {});
    }
    for (const auto& event : field_list(*read, "events")) {
      std::optional<std::string> file;
      if (event.contains("file")) file = field_text(event, "file");
      ring_->put(to_line(event), field_text(event, "transfer"), file);
    }
    if (!last) return;
    worker_.reset();
    first_.clear();
    auto why = failure_in(*read, "").value_or(failure{errc::cut, {}, "the feed has ended"});
    ring_->put(marked(feed_over, problem_answer(why).body), {}, {});
  }

  void linger() {
    timer_.expires_after(lingers);
    timer_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
      auto self = weak.lock();
      if (!cancelled && self && self->readers_.expired()) self->stop();
    });
  }

  const web_thread thread_;
  caf::actor_system& system_;
  asio::steady_timer timer_;
  std::shared_ptr<event_ring> ring_;
  std::weak_ptr<void> readers_;
  std::optional<control_actor> worker_;
  std::uint64_t round_ = 0;
  std::string first_; ///< whom it follows, once that is known
};

event_hub::~event_hub() { stop(); }

event_reader event_hub::join(const std::string& key, const control_services& services,
                             const std::string& user) {
  if (feeds_.size() >= most_feeds && !feeds_.count(key))
    std::erase_if(feeds_, [](const auto& each) { return each.second->is_idle(); });
  auto& made = feeds_[key];
  if (!made) made = std::make_shared<feed>(context_, thread_, system_);
  return made->join(services, user);
}

void event_hub::stop() {
  for (auto& [key, each] : feeds_) each->stop();
  feeds_.clear();
}

} // namespace hublink
