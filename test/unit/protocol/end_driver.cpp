#include "end_driver.hpp"

#include <algorithm>
#include <utility>

namespace hublink::test {

verdict owner_answers::answer_to(const consult_owner& question) const {
  if (auto other = others_.find(question.index()); other != others_.end()) return other->second;
  if (std::holds_alternative<question::source>(question)) return decision::generation{};
  if (std::holds_alternative<question::offer>(question)) return decision::welcome{};
  return decision::go_on{};
}

void end_driver::run(circuit_end& sender, circuit_end& receiver, unsigned seed) {
  random_.seed(seed);
  dead_ = false;
  sender_ = {.end = &sender, .report = &sent, .owner = &sender_owner};
  receiver_ = {.end = &receiver, .report = &received, .owner = &receiver_owner};
  // A hub that swallows a record leaves both ends waiting: then the circuit times out.
  for (int idle = 0; idle < 200 && !(sent.result && received.result);) {
    auto& who = pick(2) == 0 ? sender_ : receiver_;
    idle = (pick(2) == 0 ? act(who) : deliver(who)) ? 0 : idle + 1;
    if (idle == 100) hang_up();
    if (target.flushing && !target.flushes_late && pick(4) == 0) end_flush();
    if (signs && pick(3) == 0) give_sign(who);
  }
  for (auto* who : {&sender_, &receiver_}) {
    who->report->progress = who->end->progress();
    who->report->digest = who->end->digest();
  }
}

void end_driver::give_sign(side& who) {
  if (who.report->result || dead_ || who.cut) return;
  if (!who.open || std::holds_alternative<send_bytes>(*who.open)) return; // only while it is at work
  auto record = who.end->sign_of_life();
  who.leaving.insert(who.leaving.end(), record.begin(), record.end());
  pass_on(who);
}

/// Asks for the next step, or reports the open one. False: nothing to do.
bool end_driver::act(side& who) {
  if (who.report->result) return false;
  if (who.open) {
    report_step(who);
    return true;
  }
  auto step = who.end->next();
  if (std::holds_alternative<wait_for_bytes>(step)) return false;
  if (auto over = std::get_if<finish>(&step))
    take_result(who, *over);
  else
    who.open = step;
  return true;
}

void end_driver::take_result(side& who, const finish& over) {
  who.report->result = over.result;
  who.report->courtesy = over.courtesy;
  auto& peer = peer_of(who);
  if (!over.result && !over.courtesy) { // a reset
    dead_ = true;
    peer.coming.clear();
  }
  peer.ending = true;
}

void end_driver::report_step(side& who) {
  auto step = *std::exchange(who.open, {});
  if (auto send = std::get_if<send_bytes>(&step)) {
    who.leaving.insert(who.leaving.end(), send->data.begin(), send->data.end());
    pass_on(who);
    who.end->completed();
  } else if (auto question = std::get_if<consult_owner>(&step)) {
    ask_owner(who, *question);
  } else if (&who == &sender_) {
    work_on_source(step);
  } else {
    work_on_target(step);
  }
}

void end_driver::ask_owner(side& who, const consult_owner& asked) {
  if (auto note = std::get_if<question::safe>(&asked)) target.noted = note->what;
  if (!wants_answer(asked)) return who.end->completed();
  who.owner->asked.push_back(asked);
  who.end->consulted(who.owner->answer_to(asked));
}

void end_driver::work_on_source(const end_step& step) {
  auto& end = *sender_.end;
  auto tell = [&](const std::optional<failure>& broken, const file_facts& found) {
    broken ? end.step_failed(*broken) : end.opened(found);
  };
  if (std::holds_alternative<open_file>(step)) return tell(source.broken_open, source.facts);
  if (std::holds_alternative<recheck_file>(step)) return tell({}, source.later.value_or(source.facts));
  if (source.broken_read) return end.step_failed(*source.broken_read);
  auto& read = std::get<read_file>(step);
  std::ranges::copy(byte_view{source.content}.subspan(read.offset, read.into.size()), read.into.begin());
  end.completed();
}

void end_driver::work_on_target(const end_step& step) {
  auto& end = *receiver_.end;
  auto report = [&](const std::optional<failure>& broken) {
    broken ? end.step_failed(*broken) : end.completed();
  };
  if (std::holds_alternative<reopen_file>(step)) {
    if (target.broken_reopen) return report(target.broken_reopen);
    if (target.partial) return report({});
    return report(failure{errc::file_missing, {}, "there is no partial file"});
  }
  if (auto read = std::get_if<read_file>(&step)) {
    if (read->offset + read->into.size() > target.partial->size())
      return report(failure{errc::io_error, {}, "the partial file is shorter"});
    std::ranges::copy(byte_view{*target.partial}.subspan(read->offset, read->into.size()),
                      read->into.begin());
    return report({});
  }
  if (auto create = std::get_if<create_file>(&step)) {
    target.wanted = *create;
    if (create->keep == 0) target.partial.emplace();
    target.partial->resize(create->keep);
    target.partial->resize(create->size);
    return report(target.broken_create);
  }
  if (std::holds_alternative<flush_file>(step)) {
    target.flushing = true;
    return report({});
  }
  if (auto write = std::get_if<write_file>(&step)) {
    target.written += write->data.size();
    std::ranges::copy(write->data, target.partial->begin() + static_cast<std::ptrdiff_t>(write->offset));
    return report(target.broken_write);
  }
  if (target.flushing) end_flush(); // whatever comes now needs the file for itself
  if (std::holds_alternative<keep_file>(step)) return report({});
  if (std::holds_alternative<sync_file>(step)) return report(target.broken_sync);
  if (std::holds_alternative<discard_file>(step)) {
    target.partial.reset();
    return report({});
  }
  if (std::holds_alternative<settle_file>(step)) {
    if (!target.broken_settle && target.partial) target.published = std::exchange(target.partial, {});
    return report(target.broken_settle);
  }
  if (!target.broken_publish) target.published = std::exchange(target.partial, {});
  report(target.broken_publish);
}

void end_driver::end_flush() {
  target.flushing = false;
  receiver_.end->flushed(target.broken_flush ? outcome<>{*target.broken_flush} : outcome<>{});
}

/// A piece of random size, or the circuit's end. False: there is nothing, or no room for it.
bool end_driver::deliver(side& who) {
  if (who.report->result || who.cut) return false;
  if (who.coming.empty()) {
    if (!who.ending) return false;
    who.cut = true;
    if (who.open && std::holds_alternative<send_bytes>(*who.open)) who.open.reset();
    who.end->cut({errc::cut, {}, "end of stream"});
    return true;
  }
  auto inbox = who.end->inbox();
  auto piece = pick(3) == 0 ? pick(8) + 1 : inbox.size();
  auto count = std::min({inbox.size(), who.coming.size(), piece});
  if (count == 0) return false;
  auto first = who.coming.begin(), last = first + static_cast<std::ptrdiff_t>(count);
  std::copy(first, last, inbox.begin());
  who.coming.erase(first, last);
  who.end->received(count);
  return true;
}

/// What came to the hub, record by record.
void end_driver::pass_on(side& from) {
  while (from.leaving.size() >= record_head) {
    auto size = record_head + get_be<std::uint32_t>(from.leaving.data());
    if (from.leaving.size() < size) return;
    auto end = from.leaving.begin() + static_cast<std::ptrdiff_t>(size);
    bytes whole{from.leaving.begin(), end};
    from.leaving.erase(from.leaving.begin(), end);
    auto type = static_cast<record_type>(whole[4]);
    forward(from, {&from == &sender_, from.passed++, type, std::move(whole)});
  }
}

void end_driver::forward(side& from, passing_record record) {
  recorded.push_back(record);
  auto limit = record.to_receiver ? cut_after : cut_back_after;
  if (limit && record.number >= *limit) hang_up();
  if (dead_) return;
  auto& coming = peer_of(from).coming;
  for (auto& each : on_the_way ? on_the_way(record) : std::vector<bytes>{record.whole})
    coming.insert(coming.end(), each.begin(), each.end());
}

void end_driver::hang_up() { dead_ = sender_.ending = receiver_.ending = true; }

} // namespace hublink::test
