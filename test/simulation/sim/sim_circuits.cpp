#include "simulation/sim/sim_circuits.hpp"

#include "protocol/circuit/preamble.hpp"

namespace hublink::sim {

namespace {

std::string name_of(circuit_id id, side where) {
  return "circuit " + std::to_string(id) + (where == side::near ? " near" : " far");
}

} // namespace

circuit_id sim_circuits::make(weak_owner<circuit_owner> owner) {
  auto id = net_.next_id();
  circuits_[id].owner = std::move(owner);
  return id;
}

sim_circuits::circuit* sim_circuits::find(circuit_id id) {
  auto found = circuits_.find(id);
  return found == circuits_.end() ? nullptr : &found->second;
}

token sim_circuits::expect(circuit_id id, side where) {
  token made;
  for (std::size_t at = 0; at < made.size(); at += 8) put_be(made.data() + at, net_.in().draw());
  if (!find(id)) return made;
  tokens_[made] = {id, where};
  net_.in().after(token_lifetime, [this, id, made] {
    if (tokens_.erase(made) > 0) end(id, {errc::timed_out, "nobody claimed the circuit in time"});
  });
  return made;
}

void sim_circuits::accept(stream line, byte_view preamble) {
  std::optional<token> key;
  if (preamble.size() == preamble_size) key = read_preamble(preamble.first<preamble_size>());
  auto claimed = key ? tokens_.find(*key) : tokens_.end();
  if (claimed == tokens_.end() || !find(claimed->second.circuit)) {
    note("token of " + line.peer() + " refused");
    line.write({std::byte(data_status::refused)});
    line.finish();
    return line.forget();
  }
  auto [id, where] = claimed->second;
  tokens_.erase(claimed);
  line.write({std::byte(data_status::accepted)});
  arm_of(*find(id), where).line = line;
  attached(id, where);
}

void sim_circuits::attach(circuit_id id, side where, const endpoints& peer, const token& key) {
  if (!find(id)) return;
  net_.dial(node_, peer, true,
            [this, id, where, key](outcome<stream> line) { connected(id, where, key, std::move(line)); });
  net_.in().after(dial_timeout, [this, id, where] {
    auto* of = find(id);
    if (of && !arm_of(*of, where).attached)
      end(id, {errc::hop_down, "the data port did not take the circuit in time"});
  });
}

void sim_circuits::connected(circuit_id id, side where, const token& key, outcome<stream> line) {
  auto* of = find(id);
  if (!of) {
    if (line) line->reset();
    return;
  }
  if (!line) return end(id, line.error());
  auto first = make_preamble(key);
  line->write({first.begin(), first.end()});
  arm_of(*of, where).line = *line;
  line->listen([this, id, where](stream::news what) { on_news(id, where, what); });
}

void sim_circuits::on_status(circuit_id id, side where) {
  auto& line = arm_of(*find(id), where).line;
  auto first = line.take();
  if (!first.fin && first.data.size() == 1 && data_status(first.data[0]) == data_status::accepted)
    return attached(id, where);
  end(id, {errc::bad_token, line.peer() + " refused the token"});
}

void sim_circuits::attached(circuit_id id, side where) {
  auto& of = *find(id);
  auto& arm = arm_of(of, where);
  note(name_of(id, where) + " attached to " + arm.line.peer());
  arm.attached = true;
  arm.line.listen([this, id, where](stream::news what) { on_news(id, where, what); });
  of.owner.tell(hublink::attached{id, where});
  if (of.end)
    begin_end(id, where);
  else
    relay(id);
}

void sim_circuits::run(circuit_id id, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file) {
  auto* of = find(id);
  if (!of || of->driver) return;
  of->end = std::move(end);
  of->file = std::move(file);
  for (auto where : {side::near, side::far})
    if (arm_of(*of, where).attached) return begin_end(id, where);
}

void sim_circuits::begin_end(circuit_id id, side where) {
  auto& of = *find(id);
  end_driver::hooks hooks;
  hooks.consult = [this, id](const consult_owner& question) {
    find(id)->owner.tell(consulted{id, question});
  };
  hooks.progress = [this, id](const transfer_progress& now) { find(id)->owner.tell(progressed{id, now}); };
  hooks.over = [this, id, where](outcome<> result, const transfer_progress& content, std::string digest) {
    auto& of = *find(id);
    of.bytes = where == side::far ? of.driver->sent() : of.driver->received();
    of.bytes_back = where == side::far ? of.driver->received() : of.driver->sent();
    end(id, std::move(result), content, std::move(digest));
  };
  of.driver = std::make_shared<end_driver>(net_, arm_of(of, where).line, std::move(of.end),
                                           std::move(of.file), std::move(hooks));
  std::shared_ptr { of.driver } -> begin();
}

std::optional<sim_circuits::lent_line> sim_circuits::lend(circuit_id id) {
  auto* of = find(id);
  if (!of) return {};
  for (auto where : {side::near, side::far}) {
    auto& arm = arm_of(*of, where);
    if (arm.attached) return lent_line{std::exchange(arm.line, stream{}), where == side::far};
  }
  return {};
}

void sim_circuits::lent_to(circuit_id id, std::function<void(const failure& why)> stop) {
  if (auto* of = find(id)) of->stop = std::move(stop);
}

void sim_circuits::lent_is_over(circuit_id id, const outcome<>& result) { end(id, result); }

void sim_circuits::resume(circuit_id id, const verdict& answer) {
  if (auto* of = find(id); of && of->driver) std::shared_ptr {
      of->driver
      } -> resume(answer);
}

void sim_circuits::on_news(circuit_id id, side where, stream::news what) {
  auto* of = find(id);
  if (!of) return;
  auto& arm = arm_of(*of, where);
  if (what == stream::news::broken) {
    auto code = arm.attached ? errc::cut : errc::hop_down;
    return end(id, {code, arm.line.why()});
  }
  if (!arm.attached) {
    if (what == stream::news::readable) on_status(id, where);
    return;
  }
  relay(id);
}

void sim_circuits::relay(circuit_id id) {
  auto& of = *find(id);
  auto &near = arm_of(of, side::near), &far = arm_of(of, side::far);
  if (!near.attached || !far.attached) return;
  move(near, far, of.bytes);
  move(far, near, of.bytes_back);
  if (near.finished && far.finished) end(id, {});
}

void sim_circuits::move(arm& from, arm& to, std::uint64_t& count) {
  while (from.line.front() && to.line.can_write()) {
    auto item = from.line.take();
    count += item.data.size();
    if (!item.fin) {
      to.line.write(std::move(item.data));
    } else {
      from.finished = true;
      to.line.finish();
    }
  }
}

void sim_circuits::close(circuit_id id, failure why) {
  auto* of = find(id);
  if (!of) return;
  if (of->driver) return std::shared_ptr {
      of->driver
      } -> close(why);
  if (auto stop = of->stop) return stop(why);
  end(id, std::move(why));
}

void sim_circuits::end(circuit_id id, outcome<> result, transfer_progress content, std::string digest) {
  auto found = circuits_.find(id);
  if (found == circuits_.end()) return;
  auto of = std::move(found->second);
  circuits_.erase(found);
  std::erase_if(tokens_, [&](const auto& each) { return each.second.circuit == id; });
  for (auto& arm : of.arms) {
    if (!arm.line) continue;
    if (result)
      arm.line.forget();
    else if (!of.driver)
      arm.line.reset();
  }
  note("circuit " + std::to_string(id) +
       (result ? " done" : " ended: " + std::string{to_string(result.error().code)}));
  of.owner.tell(ended{id, std::move(result), of.bytes, of.bytes_back, content, std::move(digest)});
}

void sim_circuits::go_deaf() {
  circuits_.clear();
  tokens_.clear();
}

} // namespace hublink::sim
