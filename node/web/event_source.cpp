#include "node/web/event_source.hpp"

#include <charconv>

namespace hublink {

namespace {

constexpr std::size_t enough_at_once = 16 << 10;
constexpr std::chrono::seconds sign_of_life{15};
constexpr std::string_view opening_lines = "retry: 3000\n: hublink\n\n";
constexpr std::string_view over_for_rights =
    R"({"type":"urn:hublink:error:not-authenticated","title":"not authenticated","status":401,)"
    R"("detail":"the login is over; log in again","code":"not-authenticated","exit":5})";

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return {};
  return value;
}

class event_source : public web_source, public std::enable_shared_from_this<event_source> {
 public:
  event_source(asio::io_context& context, web_thread thread, event_reader reader)
      : thread_(std::move(thread)), reader_(std::move(reader)), timer_(context) {}

  void ask(std::function<void(std::string text, bool last)> give) override {
    give_ = std::move(give);
    look();
  }

 private:
  void look() {
    if (!give_) return;
    if (!reader_.may()) return say(sse_event("ended", "", over_for_rights), true);
    std::string text;
    bool over = false;
    if (!std::exchange(begun_, true)) {
      text = std::string{opening_lines} + std::exchange(reader_.first, {});
      if (reader_.lost_place) text += sse_event("", "", R"({"event":"missed"})");
    }
    while (text.size() < enough_at_once && !over && take_one(text, over)) {
    }
    if (text.empty()) return wait();
    say(std::move(text), over);
  }

  /// One at a time, so that each has its own place to go on from. False: there is none.
  bool take_one(std::string& text, bool& over) {
    auto got = reader_.ring->read(reader_.position, reader_.wanted, 1);
    const bool moved = got.next != reader_.position;
    reader_.position = got.next;
    if (got.missed > 0)
      text += sse_event("", "", "{\"event\":\"missed\",\"missed\":" + std::to_string(got.missed) + "}");
    for (const auto& line : got.lines) add(text, line, over);
    return moved;
  }

  void add(std::string& text, const std::string& line, bool& over) {
    for (auto [mark, name] : {std::pair{feed_over, "ended"}, std::pair{feed_begun, "following"}})
      if (line.starts_with(mark)) {
        if (reader_.position <= reader_.joined) return; // of a feed before this one
        text += sse_event(name, place(), "{" + line.substr(mark.size()));
        over = mark == feed_over;
        return;
      }
    const bool is_other = !reader_.only_transfer.empty() &&
                          line.find("\"transfer\":\"" + reader_.only_transfer + "\"") == line.npos;
    if (!is_other) text += sse_event("", place(), line);
  }

  std::string place() const {
    return std::to_string(reader_.ring->id()) + ":" + std::to_string(reader_.position);
  }

  void wait() {
    waker_ = reader_.ring->when_past(reader_.position, [weak = weak_from_this(), thread = thread_] {
      thread.post([weak] {
        if (auto self = weak.lock()) self->wake();
      });
    });
    timer_.expires_after(sign_of_life);
    timer_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
      if (cancelled) return;
      if (auto self = weak.lock(); self && self->give_ && self->reader_.may())
        return self->say(":\n\n", false);
      if (auto self = weak.lock()) self->wake();
    });
  }

  void wake() {
    timer_.cancel();
    look();
  }

  void say(std::string text, bool last) {
    waker_.reset();
    timer_.cancel();
    auto give = std::exchange(give_, {});
    give(std::move(text), last);
  }

  const web_thread thread_;
  event_reader reader_;
  asio::steady_timer timer_;
  waker waker_;
  std::function<void(std::string text, bool last)> give_;
  bool begun_ = false;
};

} // namespace

std::string sse_event(std::string_view name, std::string_view id, std::string_view data) {
  std::string text;
  if (!name.empty()) text.append("event: ").append(name).append("\n");
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  return text.append("data: ").append(data).append("\n\n");
}

void place_reader(event_reader& reader, std::string_view id, bool from_oldest) {
  reader.position = from_oldest ? reader.ring->oldest() : reader.ring->end();
  if (id.empty()) return;
  const auto colon = id.find(':');
  const auto ring = colon == id.npos ? std::nullopt : read_number(id.substr(0, colon));
  const auto position = colon == id.npos ? std::nullopt : read_number(id.substr(colon + 1));
  if (ring && position && *ring == reader.ring->id())
    reader.position = *position;
  else
    reader.lost_place = true;
}

std::shared_ptr<web_source> make_event_source(asio::io_context& context, web_thread thread,
                                              event_reader reader) {
  return std::make_shared<event_source>(context, std::move(thread), std::move(reader));
}

} // namespace hublink
