#include "simulation/sim/end_driver.hpp"

#include <algorithm>
#include <type_traits>

namespace hublink::sim {

namespace {

constexpr std::chrono::milliseconds report_every{200};
constexpr std::size_t splittable = 64;         ///< bytes; a larger piece may arrive in two
constexpr std::chrono::seconds work_limit{60}; ///< `limits.work_s`
constexpr std::chrono::milliseconds look_every{500};
constexpr std::chrono::seconds peer_limit{10}; ///< for the peer's half-close, once this end has finished

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>; // clang 14 does not deduce it

std::shared_ptr<sim_file> as_sim_file(std::unique_ptr<transfer_file> file) {
  auto* ours = dynamic_cast<sim_file*>(file.get());
  if (ours) static_cast<void>(file.release());
  return std::shared_ptr<sim_file>{ours};
}

const failure unanswered{errc::timed_out, {}, "the disk does not answer"};

bool publishes(const end_step& step) {
  return std::holds_alternative<publish_file>(step) || std::holds_alternative<settle_file>(step);
}

/// What a step that nobody waits for any more does all the same.
void come_back_late(sim_file& file, const end_step& step) {
  if (auto* create = std::get_if<create_file>(&step)) static_cast<void>(file.create(*create));
  if (std::holds_alternative<sync_file>(step)) static_cast<void>(file.sync());
  if (std::holds_alternative<publish_file>(step) && file.rename()) static_cast<void>(file.sync_directory());
  if (auto* settle = std::get_if<settle_file>(&step)) static_cast<void>(file.settle(*settle));
}

} // namespace

end_driver::end_driver(network& net, stream line, std::unique_ptr<circuit_end> end,
                       std::unique_ptr<transfer_file> file, hooks tell)
    : net_(net), line_(std::move(line)), end_(std::move(end)), file_(as_sim_file(std::move(file))),
      tell_(std::move(tell)), watch_({.work = work_limit}, net.in().now()) {}

void end_driver::begin() {
  line_.listen([weak = weak_from_this()](stream::news what) {
    if (auto self = weak.lock()) self->on_news(what);
  });
  end_->wake_with([weak = weak_from_this(), &net = net_] {
    net.in().after({}, [weak] {
      if (auto self = weak.lock()) self->wake();
    });
  });
  watch();
  advance();
}

void end_driver::watch() {
  net_.in().after(watch_.every(), [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || self->phase_ != phase::working) return;
    self->look();
    self->watch();
  });
}

void end_driver::look() {
  const auto sign = end_->sign_of_life();
  const bool can_sign = !cut_ && !closed_ && !sends_file_ && line_.can_write() && !sign.empty();
  const auto step = watch_.look(net_.in().now(), {sent_, received_, busy_ || asked_, can_sign});
  if (step == waiting_limits::step::sign) write(sign);
  if (step != waiting_limits::step::peer_is_lost || cut_) return;
  cut_ = watch_.lost();
  advance();
}

void end_driver::wake() {
  if (phase_ != phase::working) return;
  end_->woken();
  advance();
}

void end_driver::on_news(stream::news what) {
  if (what == stream::news::broken && !cut_) cut_ = failure{errc::cut, {}, line_.why()};
  if (phase_ == phase::closing) return await_peer();
  advance();
}

void end_driver::advance() {
  while (phase_ == phase::working) {
    feed();
    cut_if_due();
    if (busy_ || !take(end_->next())) return;
  }
}

bool end_driver::take(const end_step& step) {
  return std::visit(overloaded{
                        [&](const wait_for_bytes&) {
                          feed();
                          return (cut_ && !cut_told_) ||
                                 !std::holds_alternative<wait_for_bytes>(end_->next());
                        },
                        [&](const send_bytes& send) {
                          if (cut_ && line_.broken()) return end_->completed(), true;
                          if (!line_.can_write()) return false;
                          write(send.data);
                          end_->completed();
                          return true;
                        },
                        [&](const send_from_file&) {
                          if (cut_ && line_.broken()) return end_->completed(), true;
                          sends_file_ = line_.can_write();
                          if (sends_file_) on_disk(step);
                          return false;
                        },
                        [&](const consult_owner& question) {
                          if (!wants_answer(question)) {
                            tell_.consult(question);
                            end_->completed();
                            return true;
                          }
                          if (asked_) return false;
                          if (!may_ask(question)) return end_->next().index() != step.index();
                          asked_ = true;
                          tell_.consult(question);
                          return false;
                        },
                        [&](const flush_file&) { return flush(), true; },
                        [&](const measure_line&) { return end_->measured(look_at_line()), true; },
                        [&](const finish& how) { return end_with(how); },
                        [&](const auto&) { return on_disk(step), false; },
                    },
                    step);
}

// All that was written has arrived: the window of a simulated line is short.
line_facts end_driver::look_at_line() {
  line_facts seen;
  seen.now = std::chrono::duration_cast<std::chrono::microseconds>(net_.in().now());
  seen.bytes_out = sent_;
  seen.segments_out = sent_ / 1448;
  return seen;
}

void end_driver::write(byte_view data) {
  sent_ += data.size();
  bytes altered;
  if (!data.empty() && net_.flipping > 0 && net_.in().chance(net_.flipping)) {
    altered.assign(data.begin(), data.end());
    altered[net_.in().below(altered.size())] ^= std::byte(1u << net_.in().below(8));
    data = altered;
    note("a bit flips");
  }
  if (data.size() >= splittable && net_.in().chance(100)) {
    auto first = data.size() / 3;
    line_.write({data.begin(), data.begin() + std::ptrdiff_t(first)});
    data = data.subspan(first);
  }
  line_.write({data.begin(), data.end()});
}

void end_driver::feed() {
  while (!cut_told_) {
    auto* item = line_.front();
    if (!item) return;
    if (item->fin) {
      line_.take();
      peer_done_ = true;
      if (!cut_) cut_ = failure{errc::cut, {}, "end of stream"};
      return;
    }
    auto come = byte_view{item->data}.subspan(taken_);
    auto room = end_->inbox();
    auto part = room.empty() ? end_->file_inbox() : file_range{};
    auto count = std::min(room.size() + part.count, come.size());
    if (count == 0) return;
    outcome<> stored;
    if (room.empty())
      stored = file_->write(part.offset, come.first(count));
    else
      std::copy_n(come.begin(), count, room.begin());
    taken_ += count;
    received_ += count;
    if (taken_ == item->data.size()) {
      line_.take();
      taken_ = 0;
    }
    if (!stored) return end_->step_failed(stored.error());
    end_->received(count);
    if (tell_.progress && net_.in().now() - last_report_ >= report_every) {
      last_report_ = net_.in().now();
      auto progress = end_->progress();
      progress.heard = received_;
      tell_.progress(progress);
    }
  }
}

void end_driver::cut_if_due() {
  // Between two steps only; an owner that has closed the circuit no longer answers.
  if (!cut_ || cut_told_ || busy_ || (asked_ && !closed_)) return;
  cut_told_ = true;
  note("transfer end cut");
  end_->cut(*cut_);
}

// What is written before it has ended may be made safe by it, or not.
void end_driver::flush() {
  flushing_ = true;
  net_.in().after(file_->sync_time(), [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->flushing_ = false;
    self->end_->flushed(self->file_->flush());
    if (auto step = std::exchange(self->after_flush_, {})) self->on_disk(*step);
    self->advance();
  });
  end_->completed();
}

void end_driver::on_disk(const end_step& step) {
  busy_ = true;
  if (!std::exchange(touched_, true) && file_ && file_->has_orphan()) {
    file_.reset();
    disk_lost_ = true;
  }
  if (flushing_ && !std::holds_alternative<write_file>(step)) {
    after_flush_ = step;
    return;
  }
  auto& in = net_.in();
  auto hangs = file_ ? file_->hanging_time(publishes(step)) : duration{};
  if (hangs > work_limit) return hang(step, hangs);
  if (std::holds_alternative<publish_file>(step))
    return in.after(hangs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->publish();
    });
  bool syncs = file_ && std::holds_alternative<sync_file>(step);
  auto takes =
      syncs ? file_->sync_time() : in.between(std::chrono::microseconds{5}, std::chrono::milliseconds{2});
  in.after(takes + hangs, [weak = weak_from_this(), step] {
    if (auto self = weak.lock()) self->finished(step, self->do_file_step(step));
  });
}

// As the pump gives a disk up: what it is at comes back to nobody, and the file is nobody's until then.
void end_driver::hang(const end_step& step, duration time) {
  auto file = file_;
  auto wish = last_wish_ = std::make_shared<std::optional<discard_file>>();
  net_.in().after(time, [file, step, wish, target = target_]() mutable {
    come_back_late(*file, step);
    target.reset();
    if (*wish) file->discard(**wish);
    file->note_orphan(false);
  });
  net_.in().after(work_limit, [weak = weak_from_this(), file, step] {
    auto self = weak.lock();
    file->note_orphan(true);
    if (!self) return;
    self->note("gives up its disk");
    self->file_.reset();
    self->disk_lost_ = true;
    auto why = unanswered;
    if (publishes(step)) why.code = errc::unconfirmed;
    self->finished(step, why);
  });
}

// Who is allowed to publish there is alone until what came of it is written down, or comes back late.
bool end_driver::may_ask(const consult_owner& question) {
  if (!std::holds_alternative<question::publishing>(question) || !file_) return true;
  if (target_ || (target_ = file_->take_target())) return true;
  auto now = net_.in().now();
  if (!target_wanted_) target_wanted_ = now;
  if (now - *target_wanted_ >= work_limit) {
    end_->consulted(decision::refuse{known_here(unanswered)});
    return false;
  }
  net_.in().after(look_every, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->advance();
  });
  return false;
}

void end_driver::publish() {
  auto renamed = file_ ? file_->rename() : outcome<>{errc::io_error, "this transfer end was given no file"};
  note(renamed ? "renamed" : "rename failed");
  net_.in().after(file_ ? file_->sync_time() : duration{}, [weak = weak_from_this(), renamed] {
    if (auto self = weak.lock())
      self->finished(publish_file{}, renamed ? self->file_->sync_directory() : renamed);
  });
}

outcome<> end_driver::do_file_step(const end_step& step) {
  if (auto* which = std::get_if<discard_file>(&step); which && last_wish_) *last_wish_ = *which;
  if (disk_lost_ && (std::holds_alternative<keep_file>(step) || std::holds_alternative<discard_file>(step)))
    return {};
  if (disk_lost_) return unanswered;
  if (!file_) return {errc::io_error, "this transfer end was given no file"};
  auto facts = [&](outcome<file_facts> found) -> outcome<> {
    if (!found) return found.error();
    end_->opened(*found);
    return {};
  };
  return std::visit(overloaded{
                        [&](const open_file&) { return facts(file_->open()); },
                        [&](const recheck_file&) { return facts(file_->recheck()); },
                        [&](const read_file& read) { return file_->read(read.offset, read.into); },
                        [&](const create_file& create) { return file_->create(create); },
                        [&](const write_file& write) { return file_->write(write.offset, write.data); },
                        [&](const send_from_file& send) {
                          bytes part(send.count);
                          auto read = file_->read(send.offset, part);
                          if (read) write(part);
                          return read;
                        },
                        [&](const sync_file&) { return file_->sync(); },
                        [&](const reopen_file& earlier) { return file_->reopen(earlier); },
                        [&](const settle_file& settle) { return file_->settle(settle); },
                        [&](const keep_file&) { return file_->keep(), outcome<>{}; },
                        [&](const discard_file& which) { return file_->discard(which), outcome<>{}; },
                        [](const auto&) { return outcome<>{}; },
                    },
                    step);
}

void end_driver::finished(const end_step& step, outcome<> done) {
  busy_ = sends_file_ = false;
  bool facts = std::holds_alternative<open_file>(step) || std::holds_alternative<recheck_file>(step);
  if (!done)
    end_->step_failed(done.error());
  else if (!facts)
    end_->completed(); // else `opened` told it
  advance();
}

void end_driver::resume(const verdict& answer) {
  if (phase_ != phase::working || !asked_) return;
  asked_ = false;
  auto asked = end_->next();
  auto* question = std::get_if<consult_owner>(&asked);
  if (question && std::holds_alternative<question::published>(*question)) target_.reset();
  end_->consulted(answer);
  advance();
}

void end_driver::close(const failure& why) {
  if (phase_ == phase::over) return;
  closed_ = true;
  line_.reset();
  if (phase_ == phase::closing) return over();
  cut_ = why;
  advance();
}

bool end_driver::end_with(const finish& how) {
  result_ = how.result;
  target_.reset();
  if (closed_ && !how.result && !how.in_doubt) result_ = *cut_;
  phase_ = phase::closing;
  note(how.result ? "transfer end done"
                  : "transfer end failed: " + std::string{to_string(how.result.error().code)} + " " +
                        to_string(how.result.error()));
  if (closed_ || line_.broken()) return over(), false;
  if (!how.result && !how.courtesy) return line_.reset(), over(), false;
  line_.finish();
  net_.in().after(peer_limit, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || self->phase_ == phase::over) return;
    self->line_.reset();
    self->over();
  });
  await_peer();
  return false;
}

void end_driver::await_peer() {
  while (!peer_done_ && line_.front()) {
    auto item = line_.take();
    peer_done_ = item.fin;
    received_ += item.data.size();
  }
  if (!peer_done_ && !line_.broken()) return;
  line_.forget();
  over();
}

void end_driver::over() {
  if (std::exchange(phase_, phase::over) == phase::over) return;
  auto keep = shared_from_this();
  tell_.over(result_, end_->progress(), result_ ? end_->digest() : "");
}

} // namespace hublink::sim
