#include "node/spans/span_builder.hpp"
#include "actors/definition/jobs.hpp"

#include <xxhash.h>

#include <algorithm>

namespace hublink {

namespace {

std::string derived_id(const std::string& of, std::string_view what) {
  const auto text = of + ' ' + std::string{what};
  std::byte raw[8];
  put_be(raw, std::uint64_t(XXH3_64bits(text.data(), text.size())));
  return to_hex(raw);
}

/// Of a leg the one that was asked has the other side: its span's id has all bits the other way.
std::string other_side(std::string leg) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (char& each : leg)
    if (auto at = digits.find(each); at != digits.npos) each = digits[15 - at];
  return leg;
}

bool begins_here(const event::circuit_mark& of) { return of.came_by == of.open_id; }

/// The span of this node's part.
std::string part_id(const event::circuit_mark& of) {
  return begins_here(of) ? of.open_id : other_side(of.came_by);
}

std::string transfer_span(const transfer_id& transfer) { return derived_id(transfer, "transfer"); }

span::time from_ms(std::int64_t ms, span::time otherwise) {
  return ms > 0 ? span::time{std::chrono::milliseconds{ms}} : otherwise;
}

void say(span& of, const char* key, std::string text) {
  if (!text.empty()) of.attributes.emplace_back(std::string{"hublink."} + key, std::move(text));
}
void say(span& of, const char* key, std::uint64_t number) {
  of.attributes.emplace_back(std::string{"hublink."} + key, std::int64_t(number));
}

void say_names(span& of, const char* key, const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  say(of, key, std::move(all));
}

/// Several may be behind one hop.
void add_host(span& of, const std::string& host) {
  constexpr std::size_t most_bytes = 1024;
  for (auto& [key, value] : of.attributes) {
    auto* names = key == "hublink.host" ? std::get_if<std::string>(&value) : nullptr;
    if (names && *names != host && names->size() < most_bytes) *names += ", " + host;
  }
}

void say_result(span& of, const event::closed& what) {
  say(of, "bytes", what.bytes);
  say(of, "bytes_back", what.bytes_back);
  say(of, "result", what.result);
  if (what.result == "failed" || what.result == "cut") of.error = "the circuit was " + what.result;
}

} // namespace

void span_builder::note(const transfer_id& transfer, const event::any& what, span::time at) {
  if (!is_transfer_id(transfer)) return; // of no transfer
  if (auto* told = std::get_if<event::told>(&what)) return take_told(transfer, *told, at);
  if (auto* next = std::get_if<event::next>(&what)) return take_next(transfer, *next, at);
  if (auto* opened = std::get_if<event::opened>(&what)) {
    if (auto* known = legs_.find(opened->of.goes_by)) known->opened = at;
  } else if (auto* refused = std::get_if<event::refused>(&what)) {
    take_refused(*refused, at);
  } else if (auto* closed = std::get_if<event::closed>(&what)) {
    take_closed(*closed, at);
  } else if (auto* received = std::get_if<event::received>(&what)) {
    take_received(transfer, *received, at);
  } else if (auto* sent = std::get_if<event::sent>(&what)) {
    take_sent(transfer, *sent, at);
  } else if (auto* job = std::get_if<event::job>(&what)) {
    take_job(transfer, *job, at);
  }
}

void span_builder::take_told(const transfer_id& transfer, const event::told& what, span::time at) {
  if (what.of.came_by.empty()) return;
  told_.of(transfer) = part_id(what.of);
  if (auto* known = parts_.find(what.of.came_by)) { // it is asked again
    known->refused.reset();
    return;
  }
  part begun;
  begun.made = {transfer,
                part_id(what.of),
                what.of.came_by,
                std::string{to_string(what.kind)} + " hop",
                span::side::server,
                at,
                at};
  say(begun.made, "from", what.from);
  say(begun.made, "file", what.file.value_or(""));
  say_names(begun.made, "destination", what.destination);
  say(begun.made, "source", what.source.value_or(""));
  say(begun.made, "attempt", what.attempt);
  if (!what.no) {
    parts_.of(what.of.came_by) = std::move(begun);
    return;
  }
  begun.made.error = what.no->text;
  say(begun.made, "code", std::string{to_string(what.no->code)});
  finished_.push_back(std::move(begun.made));
}

void span_builder::take_next(const transfer_id& transfer, const event::next& what, span::time at) {
  if (what.of.goes_by.empty()) return;
  auto* here = parts_.find(what.of.came_by);
  if (here) here->refused.reset();
  if (!here && begins_here(what.of)) {
    const bool sends = what.of.kind == circuit_kind::transfer;
    auto& begun = parts_.of(what.of.came_by);
    begun.made = {transfer,
                  part_id(what.of),
                  sends ? transfer_span(transfer) : std::string{},
                  std::string{to_string(what.of.kind)} + " attempt",
                  span::side::internal,
                  at,
                  at};
    say(begun.made, "file", what.file.value_or(""));
    say(begun.made, "attempt", what.attempt);
  }
  if (auto* known = legs_.find(what.of.goes_by)) { // once more, or for another host behind the same hop
    known->refused.reset();
    add_host(known->made, what.host);
    return;
  }
  auto& begun = legs_.of(what.of.goes_by);
  begun.of = what.of;
  begun.made = {transfer, what.of.goes_by,    what.of.came_by.empty() ? std::string{} : part_id(what.of),
                "leg",    span::side::client, at,
                at};
  say(begun.made, "hop", what.hop);
  say(begun.made, "host", what.host);
  say(begun.made, "dialled", what.dialled);
  say(begun.made, "by", what.by);
}

void span_builder::take_refused(const event::refused& what, span::time at) {
  if (auto* asked = legs_.find(what.of.goes_by)) {
    asked->refused = at;
    asked->why = what.reason;
  }
  if (!what.of.is_branch) give_up(what.of, at, what.reason);
}

void span_builder::give_up(const mark& of, span::time at, const std::string& why) {
  auto* here = parts_.find(of.came_by);
  if (!here) return;
  here->refused = at;
  here->why = why;
}

void span_builder::take_closed(const event::closed& what, span::time at) {
  if (auto* known = legs_.find(what.of.goes_by)) {
    say_result(known->made, what);
    finish(*known, at);
    legs_.erase(what.of.goes_by);
  }
  if (what.of.is_branch) return;
  if (auto* here = parts_.find(what.of.came_by)) {
    say_result(here->made, what);
    finish(*here, at);
    parts_.erase(what.of.came_by);
  }
}

void span_builder::take_received(const transfer_id& transfer, const event::received& what, span::time at) {
  const auto parent = what.of.came_by.empty() ? std::string{} : part_id(what.of);
  const auto begin = what.began == span::time{} ? at : std::min(what.began, at);
  span made{transfer,
            derived_id(parent.empty() ? transfer : parent, "publish"),
            parent,
            "publish",
            span::side::internal,
            begin,
            at};
  say(made, "file", what.file);
  say(made, "bytes", what.bytes);
  say(made, "from", what.from);
  finished_.push_back(std::move(made));
}

void span_builder::take_sent(const transfer_id& transfer, const event::sent& what, span::time at) {
  if (!what.is_last) return; // the receivers' results follow
  span made{transfer, transfer_span(transfer), {},
            "send",   span::side::internal,    std::min(from_ms(what.began_ms, at), at),
            at};
  say(made, "file", what.file);
  say(made, "bytes", what.bytes);
  say(made, "attempts", what.attempts);
  std::size_t done = 0;
  for (const auto& [name, state] : what.receivers) done += state == "done";
  say(made, "receivers", what.receivers.size());
  say(made, "receivers_done", done);
  if (done < what.receivers.size())
    made.error = std::to_string(what.receivers.size() - done) + " of " +
                 std::to_string(what.receivers.size()) + " receivers have not got it";
  if (what.code) say(made, "code", std::string{to_string(*what.code)});
  finished_.push_back(std::move(made));
}

void span_builder::take_job(const transfer_id& transfer, const event::job& what, span::time at) {
  const bool receives = what.job == to_string(job_kind::post_receive);
  auto* told = told_.find(transfer);
  auto parent = receives ? (told ? *told : std::string{}) : transfer_span(transfer);
  const auto begin = std::min(from_ms(what.began_ms, at), at);
  const auto order = what.job + ' ' + std::to_string(begin.time_since_epoch().count());
  span made{transfer,
            derived_id(parent.empty() ? transfer : parent, order),
            parent,
            "job " + what.job,
            span::side::internal,
            begin,
            at};
  say(made, "file", what.file);
  say(made, "result", what.result);
  if (what.result != "done") made.error = what.reason.value_or(what.result);
  finished_.push_back(std::move(made));
}

// What was asked and never answered is nobody's any more: its asker has gone, and there is no event of that.
void span_builder::settle(span::time now) {
  legs_.erase_if([&](leg& each) {
    const bool unanswered = !each.opened && !each.refused && now - each.made.begin >= longest_search;
    if (!unanswered && (!each.refused || now - *each.refused < quiet)) return false;
    if (unanswered) {
      each.refused = each.made.begin;
      each.why = "nobody wanted it any more";
    }
    if (unanswered && !each.of.is_branch) give_up(each.of, *each.refused, each.why);
    finish(each, *each.refused);
    return true;
  });
  parts_.erase_if([&](part& each) {
    if (!each.refused || now - *each.refused < quiet) return false;
    finish(each, *each.refused);
    return true;
  });
}

void span_builder::finish(part& which, span::time at) {
  which.made.end = std::max(at, which.made.begin);
  if (which.refused && !which.made.error) which.made.error = which.why;
  finished_.push_back(std::move(which.made));
}

// With what it consists of.
void span_builder::finish(leg& which, span::time at) {
  auto& whole = which.made;
  whole.end = std::max(at, whole.begin);
  if (which.refused && !whole.error) whole.error = which.why;
  span set_up{whole.trace,
              derived_id(whole.id, "set-up"),
              whole.id,
              "set-up",
              span::side::internal,
              whole.begin,
              std::clamp(which.opened.value_or(whole.end), whole.begin, whole.end)};
  if (!which.opened) set_up.error = whole.error;
  if (which.opened) {
    span carry{whole.trace, derived_id(whole.id, "carry"), whole.id,
               "carry",     span::side::internal,          set_up.end,
               whole.end};
    carry.error = whole.error;
    finished_.push_back(std::move(carry));
  }
  finished_.push_back(std::move(set_up));
  finished_.push_back(std::move(whole));
}

} // namespace hublink
