#include "simulation/sim/application_book.hpp"

#include "simulation/sim/sim_gateway_link.hpp"

namespace hublink::sim {

namespace {

/// How long an application may take to read what came.
constexpr std::chrono::milliseconds slow_reading{30};

std::byte byte_at(std::uint64_t number, bool forth, std::uint64_t offset) {
  return std::byte((number * 71 + (forth ? 13 : 0) + offset * 167 + (offset >> 8) * 59) & 0xff);
}

bool is_last(app_state state) {
  return state == app_state::done || state == app_state::refused || state == app_state::reset;
}

} // namespace

std::string_view to_string(app_state state) {
  constexpr std::string_view names[] = {"none", "waiting", "open", "done", "refused", "reset"};
  return names[std::size_t(state)];
}

bool app_connection::over() const {
  return is_last(at_calling.state) && (at_called.state == app_state::none || is_last(at_called.state));
}

std::uint64_t application_book::begin(app_connection connection) {
  auto number = all_.size() + 1;
  connection.asked = in_.now();
  connection.at_calling = {app_state::waiting, in_.now(), 0};
  all_.emplace(number, std::move(connection));
  ++under_way_;
  return number;
}

app_connection* application_book::find(std::uint64_t number) {
  auto found = all_.find(number);
  return found == all_.end() ? nullptr : &found->second;
}

void application_book::enter(std::uint64_t number, bool calling, app_state state) {
  auto& connection = all_.at(number);
  auto before = connection.over();
  auto& end = calling ? connection.at_calling : connection.at_called;
  if (is_last(end.state)) complain("connection " + std::to_string(number) + " ended twice");
  end.state = state;
  end.since = in_.now();
  in_.note(calling ? connection.calling : connection.called,
           "connection " + std::to_string(number) + " " + std::string{to_string(state)});
  if (connection.over() != before) connection.over() ? --under_way_ : ++under_way_;
}

application::application(application_book& book, std::uint64_t number)
    : book_(book), number_(number), calling_(true) {}

application::application(application_book& book, std::string at_called_node)
    : book_(book), calling_(false), at_(std::move(at_called_node)) {}

void application::begin(const std::shared_ptr<sim_gateway_link>& link, mux_id id) {
  link_ = link;
  id_ = id;
}

void application::answered(const mux_refusal* why) {
  if (over_) return;
  if (why) {
    book_.find(number_)->reason = why->text;
    return end(app_state::refused);
  }
  if (calling_) book_.enter(number_, true, app_state::open);
  if (auto link = link_.lock()) link->readable(id_);
}

// -- what it sends
// -------------------------------------------------------------------------------------------------

std::uint64_t application::to_send() const {
  const auto& connection = book_.at(number_);
  return calling_ ? head_size + connection.forth : connection.back;
}

mux_pulled application::pull(std::span<std::byte> room) {
  using then = mux_pulled::then;
  if (!known() || sent_all_ || over_) return {0, then::dry};
  std::array<std::byte, head_size> head{};
  put_be(head.data(), number_);
  auto skipped = calling_ ? head_size : 0;
  auto count = std::size_t(std::min<std::uint64_t>(room.size(), to_send() - sent_));
  for (std::size_t i = 0; i < count; ++i, ++sent_)
    room[i] = sent_ < skipped ? head[sent_] : byte_at(number_, calling_, sent_ - skipped);
  if (sent_ < to_send()) return {count, then::more};
  sent_all_ = true;
  book_.in().after({}, [self = shared_from_this()] { self->settle(); });
  return {count, then::end};
}

// -- what comes
// ----------------------------------------------------------------------------------------------------

std::uint64_t application::to_come() const {
  const auto& connection = book_.at(number_);
  return calling_ ? connection.back : connection.forth;
}

void application::deliver(byte_view data) {
  if (over_) return;
  auto count = data.size();
  if (!known()) take_head(data);
  if (known()) check(data);
  read_on(count);
}

void application::take_head(byte_view& data) {
  auto part = data.first(std::min(head_size - head_.size(), data.size()));
  head_.insert(head_.end(), part.begin(), part.end());
  data = data.subspan(part.size());
  if (head_.size() < head_size) return;
  auto number = get_be<std::uint64_t>(head_.data());
  auto* connection = book_.find(number);
  if (!connection || connection->called != at_)
    return book_.complain("a stream at " + at_ + " begins with what nobody sent there");
  number_ = number;
  book_.enter(number_, false, app_state::open);
  if (auto link = link_.lock()) link->readable(id_);
}

void application::check(byte_view data) {
  for (auto each : data)
    if (each != byte_at(number_, !calling_, came_++))
      return book_.complain("connection " + std::to_string(number_) + " brought a wrong byte at " +
                            std::to_string(came_ - 1));
  auto* connection = book_.find(number_);
  (calling_ ? connection->at_calling : connection->at_called).came = came_;
}

void application::read_on(std::size_t count) {
  book_.in().after(book_.in().between({}, slow_reading), [link = link_, id = id_, count] {
    if (auto strong = link.lock()) strong->consumed(id, count);
  });
}

void application::peer_ended() {
  in_ended_ = true;
  if (!over_ && known() && came_ != to_come())
    book_.complain("connection " + std::to_string(number_) + " ended in order after " +
                   std::to_string(came_) + " of " + std::to_string(to_come()) + " bytes");
  settle();
}

void application::settle() {
  if (!over_ && sent_all_ && in_ended_) end(app_state::done);
}

void application::link_lost() {
  if (!over_) end(app_state::reset);
}

void application::end(app_state how) {
  over_ = true;
  if (known()) book_.enter(number_, calling_, how);
}

} // namespace hublink::sim
