#include "node/line/line_book.hpp"

namespace hublink {

namespace {

constexpr std::chrono::milliseconds while_busy{500}, while_idle{2000};

std::string refusal_text(const std::string& peer, const std::string& name, std::error_code why,
                         const std::string& instead) {
  auto text = "the kernel refuses the congestion control " + name + " for the line to " + peer + " (" +
              why.message() + "), which stays with " + instead + "; ";
  if (why.value() == ENOENT)
    return text + "load its module (modprobe tcp_" + name + ") and allow it, or correct the name: sysctl " +
           "net.ipv4.tcp_available_congestion_control lists what there is";
  return text + "allow it: sysctl net.ipv4.tcp_allowed_congestion_control=\"" +
         allowed_congestion_controls() + " " + name +
         "\" (/usr/lib/sysctl.d/60-hublink.conf of the packages allows bbr)";
}

} // namespace

line_book::line_book(asio::io_context& context, live_definition self, warning warn)
    : self_(std::move(self)), warn_(std::move(warn)), next_look_(context) {}

line_member_ptr line_book::join(const std::string& peer, int fd) {
  if (peer.empty()) return {};
  auto joined = line_to(peer)->join(fd, settings_of(peer), neighbour_line::clock::now());
  look_within(while_busy);
  return joined;
}

line_settings line_book::settings_of(const std::string& peer) const {
  auto self = self_.now();
  return self ? self->line_to(peer) : line_settings{};
}

std::shared_ptr<neighbour_line> line_book::line_to(const std::string& peer) {
  std::lock_guard guard{lock_};
  auto& found = lines_[peer];
  if (!found)
    found = std::make_shared<neighbour_line>(
        [this, peer](const auto& name, std::error_code why, const auto& instead) {
          warn_(refusal_text(peer, name, why, instead));
        });
  return found;
}

void line_book::look_within(std::chrono::milliseconds time) {
  const auto next = neighbour_line::clock::now() + time;
  if (closed_ || (looking_ && next_look_.expiry() <= next)) return;
  looking_ = true;
  next_look_.expires_at(next);
  next_look_.async_wait([this](std::error_code cancelled) {
    if (cancelled) return;
    looking_ = false;
    look();
  });
}

void line_book::look() {
  bool busy = false, any = false;
  for (const auto& [peer, one] : lines_) { // only this thread adds some
    busy = one->look(settings_of(peer), neighbour_line::clock::now()) || busy;
    any = any || one->report().connections > 0;
  }
  if (any) look_within(busy ? while_busy : while_idle);
}

void line_book::close() {
  closed_ = true;
  next_look_.cancel();
}

line_reports line_book::all() const {
  std::lock_guard guard{lock_};
  line_reports found;
  for (const auto& [peer, one] : lines_) found.emplace(peer, one->report());
  return found;
}

} // namespace hublink
