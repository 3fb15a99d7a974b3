#include "broadcast_lab.hpp"
#include "transfer_fixture.hpp"

#include <algorithm>
#include <utility>

namespace hublink::test {
namespace {

/// Making keys is slow.
struct shared_keys {
  test_ca network;
  std::map<std::string, std::shared_ptr<const identity>> made;

  std::shared_ptr<const identity> of(const std::string& name, role holder) {
    auto& found = made[name];
    if (!found) found = network.identity_of(name, holder);
    return found;
  }
};

shared_keys& keys() {
  static shared_keys all;
  return all;
}

void put(bytes& to, std::uint64_t offset, byte_view data) {
  to.resize(std::max<std::size_t>(to.size(), offset + data.size()));
  std::ranges::copy(data, to.begin() + std::ptrdiff_t(offset));
}

} // namespace

broadcast_lab::broadcast_lab(std::vector<std::string> names, std::size_t size)
    : network(keys().network), host1(keys().of("HOST1", role::client)),
      hub(keys().of("ServerB", role::server)), ca(keys().network.trust()) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(noon.time_since_epoch()).count();
  for (const auto& name : names) {
    receivers[name] = keys().of(name, role::client);
    auto der = receivers[name]->certificate();
    sending.certificates[name] = {der.begin(), der.end()};
    targets[name];
  }
  sending.sending.offer = {some_transfer, 1, 1, 7, ms, "HOST1", "FILE03", names};
  sending.sending.open_id = some_open_id;
  sending.sending.file_name = "report.bin";
  sending.sending.chunk_size = 16;
  sending.sending.self = host1;
  sending.sending.ca = ca;
  sending.sending.now = [] { return noon; };
  source.content.resize(size);
  for (std::size_t i = 0; i < size; ++i) source.content[i] = std::byte(i * 7 + i / 256);
  source.facts.size = size;
}

lab_circuit& broadcast_lab::add() { return circuits.emplace_back(); }

void broadcast_lab::spool_into(lab_end& end, lab_point& point) {
  end.place = std::make_shared<spooling_place>();
  end.point = &point;
  end.end = make_spooling_end(
      {"FILE03", some_open_id, some_transfer, end.place, hub, ca, [] { return noon; }, spool_interval});
  end.spool_file = point.file;
}

lab_circuit& broadcast_lab::connect_sender(lab_point& point) {
  auto& made = add();
  made.near.end = make_broadcast_sending_end(sending);
  made.near.source = source;
  spool_into(made.far, point);
  for (auto* each : {&made.near, &made.far}) each->end->wake_with([each] { each->woken = true; });
  return made;
}

lab_circuit& broadcast_lab::connect_receiver(lab_point& point, const std::string& name) {
  auto& made = add();
  receiving_end_config config{"HOST1", "FILE03", receivers.at(name), ca, [] { return noon; }, some_open_id};
  config.interval = interval;
  made.far.end = make_receiving_end(config);
  made.far.target = targets.at(name);
  made.far.owner.answers<question::offer>(decision::welcome{safe[name]});
  waiting_.push_back({&point, &made, {name}});
  return made;
}

lab_circuit& broadcast_lab::connect_point(lab_point& from, lab_point& to, std::vector<std::string> names) {
  auto& made = add();
  spool_into(made.far, to);
  made.far.end->wake_with([each = &made.far] { each->woken = true; });
  waiting_.push_back({&from, &made, std::move(names)});
  return made;
}

void broadcast_lab::begin_feeding() {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    bool offered = !at->point->held->offer_record().empty() &&
                   at->point->held->offer().attempt == sending.sending.offer.attempt;
    if (!offered) {
      ++at;
      continue;
    }
    auto& near = at->circuit->near;
    near.end = make_feeding_end({at->names, at->point->held, at->point->board, ca, [] { return noon; },
                                 [this] { return steady_time; }});
    near.spool_file = at->point->file;
    near.end->wake_with([each = &near] { each->woken = true; });
    at = waiting_.erase(at);
  }
}

void broadcast_lab::run(unsigned seed) {
  random_.seed(seed);
  for (int idle = 0; idle < 600;) {
    begin_feeding();
    auto& at = circuits[pick(circuits.size())];
    auto& who = pick(2) == 0 ? at.near : at.far;
    if (!who.end) {
      ++idle;
      continue;
    }
    if (std::exchange(who.woken, false)) who.end->woken();
    idle = (pick(2) == 0 ? act(at, who) : deliver(who)) ? 0 : idle + 1;
    if (idle == 400)
      for (auto& each : circuits) each.dead = each.near.ending = each.far.ending = true;
  }
}

bool broadcast_lab::act(lab_circuit& at, lab_end& who) {
  if (who.result) return false;
  if (who.open) {
    report(at, who);
    return true;
  }
  auto step = who.end->next();
  if (std::holds_alternative<wait_for_bytes>(step)) return false;
  auto over = std::get_if<finish>(&step);
  if (!over) {
    who.open = step;
    return true;
  }
  who.result = over->result;
  if (!over->result && !over->courtesy) {
    at.dead = true;
    peer(at, who).coming.clear();
  }
  peer(at, who).ending = true;
  return true;
}

void broadcast_lab::report(lab_circuit& at, lab_end& who) {
  auto step = *std::exchange(who.open, {});
  if (auto send = std::get_if<send_bytes>(&step)) {
    who.leaving.insert(who.leaving.end(), send->data.begin(), send->data.end());
    pass_on(at, who);
    who.end->completed();
  } else if (auto part = std::get_if<send_from_file>(&step)) {
    auto from = part->offset, to = from + part->count;
    if (to > who.spool_file->size()) return who.end->step_failed({errc::io_error, {}, "shorter"});
    auto begin = who.spool_file->begin();
    who.leaving.insert(who.leaving.end(), begin + std::ptrdiff_t(from), begin + std::ptrdiff_t(to));
    pass_on(at, who);
    who.end->completed();
  } else if (auto asked = std::get_if<consult_owner>(&step)) {
    ask_owner(who, *asked);
  } else {
    on_file(who, step);
  }
}

void broadcast_lab::ask_owner(lab_end& who, const consult_owner& asked) {
  if (wants_answer(asked)) {
    who.owner.asked.push_back(asked);
    if (auto offer = std::get_if<question::offer>(&asked); offer && who.place)
      *who.place = {who.point->held, who.point->board, who.point->held->offered(offer->made, offer->record)};
    return who.end->consulted(who.owner.answer_to(asked));
  }
  if (auto news = std::get_if<question::receivers>(&asked))
    who.results.insert(who.results.end(), news->results.begin(), news->results.end());
  if (auto note = std::get_if<question::safe>(&asked)) {
    who.target.noted = note->what;
    if (who.spool_file && after_checkpoint) after_checkpoint();
  }
  who.end->completed();
}

void broadcast_lab::on_file(lab_end& who, const end_step& step) {
  auto& end = *who.end;
  bool spools = who.spool_file != nullptr;
  bytes* content = spools ? who.spool_file.get() : who.target.partial ? &*who.target.partial : nullptr;
  if (std::holds_alternative<open_file>(step)) {
    if (who.source.broken_open) return end.step_failed(*who.source.broken_open);
    return end.opened(who.source.facts);
  }
  if (std::holds_alternative<recheck_file>(step))
    return end.opened(who.source.later.value_or(who.source.facts));
  if (auto read = std::get_if<read_file>(&step)) {
    const bytes& from = content ? *content : who.source.content;
    if (read->offset + read->into.size() > from.size())
      return end.step_failed({errc::io_error, {}, "shorter"});
    std::ranges::copy(byte_view{from}.subspan(read->offset, read->into.size()), read->into.begin());
  } else if (auto create = std::get_if<create_file>(&step)) {
    if (who.broken_create) return end.step_failed(*who.broken_create);
    who.target.wanted = *create;
    if (!spools) {
      if (create->keep == 0) who.target.partial.emplace();
      who.target.partial->resize(create->keep);
      who.target.partial->resize(create->size);
    }
  } else if (auto write = std::get_if<write_file>(&step)) {
    put(*content, write->offset, write->data);
    who.target.written += write->data.size();
  } else if (std::holds_alternative<reopen_file>(step)) {
    if (!content) return end.step_failed({errc::file_missing, {}, "there is none"});
  } else if (std::holds_alternative<flush_file>(step)) {
    end.completed();
    return end.flushed({});
  } else if (std::holds_alternative<discard_file>(step)) {
    who.target.partial.reset();
  } else if (std::holds_alternative<publish_file>(step)) {
    who.target.published = std::exchange(who.target.partial, {});
  }
  end.completed();
}

bool broadcast_lab::deliver(lab_end& who) {
  if (who.result || who.cut) return false;
  if (who.coming.empty()) {
    if (!who.ending) return false;
    who.cut = true;
    if (who.open &&
        (std::holds_alternative<send_bytes>(*who.open) || std::holds_alternative<send_from_file>(*who.open)))
      who.open.reset();
    who.end->cut({errc::cut, {}, "end of stream"});
    return true;
  }
  auto inbox = who.end->inbox();
  auto part = inbox.empty() ? who.end->file_inbox() : file_range{};
  auto room = inbox.size() + part.count;
  auto piece = pick(3) == 0 ? pick(8) + 1 : room;
  auto count = std::min({room, who.coming.size(), piece});
  if (count == 0) return false;
  auto first = who.coming.begin(), last = first + std::ptrdiff_t(count);
  if (part.count == 0)
    std::copy(first, last, inbox.begin());
  else if (who.broken_taking)
    return who.end->step_failed(*who.broken_taking), true;
  else
    put(*who.spool_file, part.offset, bytes(first, last));
  who.coming.erase(first, last);
  who.end->received(count);
  return true;
}

void broadcast_lab::pass_on(lab_circuit& at, lab_end& from) {
  while (from.leaving.size() >= record_head) {
    auto size = record_head + get_be<std::uint32_t>(from.leaving.data());
    if (from.leaving.size() < size) return;
    auto end = from.leaving.begin() + std::ptrdiff_t(size);
    passing_record record{
        &from == &at.near, from.passed++, record_type(from.leaving[4]), {from.leaving.begin(), end}};
    from.leaving.erase(from.leaving.begin(), end);
    at.recorded.push_back(record);
    if (record.to_receiver && at.cut_after && record.number >= *at.cut_after)
      at.dead = at.near.ending = at.far.ending = true;
    if (at.dead) return;
    auto& coming = peer(at, from).coming;
    for (auto& each : at.on_the_way ? at.on_the_way(record) : std::vector<bytes>{record.whole})
      coming.insert(coming.end(), each.begin(), each.end());
  }
}

} // namespace hublink::test
