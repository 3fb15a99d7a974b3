#include "simulation/network/chaos.hpp"
#include "simulation/network/greedy_peer.hpp"

#include <array>
#include <optional>

namespace hublink::sim {

namespace {

using namespace std::chrono_literals;

constexpr int servers = 9, files = 8, transfers = 20, connections = 8;
constexpr int thieves = 2; ///< files that are sent under ids of others alone
constexpr int casts = 2;   ///< files for several receivers
constexpr int kept = 3; ///< files that a point keeps for their receivers, or that their sender leaves there
/// Where each kind begins among a graph's files; the last two wait for a receiver that is down, and go beside
/// it.
constexpr int first_thief = files, first_cast = first_thief + thieves, first_kept = first_cast + casts,
              held = first_kept + kept, beside = held + 1;
constexpr int held_sends = 10; ///< to a receiver that is down
constexpr std::uint32_t chunk = 4096;
constexpr duration busy_time = 30s; ///< all that is drawn happens within it

/// One link that is kept, one that is made on use, and often one that both ends keep.
void draw_gateways(world& in, hub_graph& graph) {
  for (bool always : {true, false}) {
    auto calling = 1 + int(in.below(servers));
    auto called = 1 + (calling + int(in.below(servers - 1))) % servers;
    graph.gateways.push_back({always ? "KEPT" : "USED", calling, called, always});
  }
  if (in.chance(500))
    graph.gateways.push_back({"BACK", graph.gateways[0].called, graph.gateways[0].calling, true});
}

/// For one receiver or for two.
hub_graph::file draw_kept(world& in, int number) {
  hub_graph::file file{"KEPT" + std::to_string(number), 1 + int(in.below(servers)), 0, ""};
  auto next = [&](int server) { return 1 + server % servers; };
  file.to = next(file.from + int(in.below(servers - 2)));
  if (in.chance(400)) file.also = {next(file.to)};
  constexpr std::array ways{R"(, "store": "always")", R"(, "store": "when_unreachable")"};
  file.more = ways[in.below(ways.size())];
  if (!file.also.empty() && in.chance(500)) file.more = R"(, "complete_when": "spooled")";
  return file;
}

hub_graph draw_graph(world& in) {
  auto graph = in.below(3) == 0   ? chain(servers)
               : in.below(2) == 0 ? ring(servers)
                                  : random_graph(in, servers);
  for (int number = 0; number < files; ++number) {
    auto from = 1 + int(in.below(servers));
    auto to = 1 + (from + int(in.below(servers - 1))) % servers;
    auto digest = in.chance(500) ? R"(, "digest": "sha256")" : "";
    graph.files.push_back({"FILE" + std::to_string(number), from, to, digest});
  }
  for (int number = 0; number < thieves; ++number) {
    auto from = 1 + int(in.below(servers));
    graph.files.push_back({"THIEF" + std::to_string(number), from, 1 + from % servers, ""});
  }
  for (int number = 0; number < casts; ++number) {
    hub_graph::file cast{"CAST" + std::to_string(number), 1 + int(in.below(servers)), 0, ""};
    auto next = [&](int server) { return 1 + server % servers; };
    cast.to = next(cast.from + int(in.below(servers - 3)));
    cast.also = {next(cast.to), next(next(cast.to))};
    graph.files.push_back(std::move(cast));
  }
  for (int number = 0; number < kept; ++number) graph.files.push_back(draw_kept(in, number));
  const auto from = 1 + int(in.below(servers)), held_for = 1 + from % servers, well = 1 + held_for % servers;
  graph.files.push_back({"HELD", from, held_for, R"(, "retry": {"count": 1000, "every_s": 60})"});
  graph.files.push_back({"BESIDE", from, well, ""});
  draw_gateways(in, graph);
  if (in.chance(300)) graph.greedy = 1 + int(in.below(servers));
  return graph;
}

class chaos {
 public:
  chaos(std::uint64_t seed, const hub_graph& graph, bool keep_trace)
      : graph_(graph), on_(seed, to_topology(graph), keep_trace), in_(on_.in) {}

  chaos_result run() {
    calm_ = in_.chance(100);
    for (auto& [name, node] : on_.nodes()) {
      node->chunk_size = chunk;
      if (calm_) continue;
      if (in_.chance(50)) node->disk().faults.io_error = 5;
      if (in_.chance(50)) node->disk().faults.no_space = 5;
      if (in_.chance(300)) node->disk().slow = 200;
      if (in_.chance(50)) node->disk().hangs = 20;
      if (in_.chance(50)) node->disk().lies = 300;
      if (in_.chance(200)) node->journal().slow = 50;
    }
    for (const auto& file : graph_.files) change_source(file, false);
    on_.start_all();
    plan();
    on_.in.run_for(busy_time);
    chaos_result result;
    result.violations = final_account(on_, ledger_, promised_);
    if (calm_) judge_waiting(result.violations);
    for (const auto& each : promised_)
      if (auto* record = on_.sent(each.from, each.transfer))
        ++result.outcomes[std::string{to_string(record->state)}];
    result.trace_hash = in_.trace_hash();
    result.trace = in_.trace();
    return result;
  }

 private:
  duration some_time() { return in_.between(0s, busy_time); }
  std::string some_node() { return (in_.chance(500) ? "S" : "C") + std::to_string(1 + in_.below(servers)); }

  void plan() {
    for (int i = 0; i < transfers; ++i) {
      auto& file = in_.chance(200)   ? graph_.files[first_cast + in_.below(casts)]
                   : in_.chance(250) ? graph_.files[first_kept + in_.below(kept)]
                                     : graph_.files[in_.below(files)];
      auto when = some_time() / 2;
      in_.after(when, [this, file] { send(file); });
      if (calm_) continue;
      if (in_.chance(100)) crash_while_busy(file, when);
      if (in_.chance(200)) in_.after(some_time(), [this, file] { change_source(file, in_.chance(500)); });
    }
    for (int i = 0; i < connections; ++i) in_.after(some_time(), [this] { connect(); });
    if (calm_) return in_.after(some_time() / 2, [this] { send_to_the_dead(); });
    for (auto left = in_.below(6); left > 0; --left) in_.after(some_time(), [this] { steal_an_id(); });
    for (auto left = in_.below(4); left > 0; --left) in_.after(some_time(), [this] { load_a_way(); });
    if (in_.chance(300)) on_.net.flipping = 1 + unsigned(in_.below(30));
    if (graph_.greedy > 0) in_.after(some_time() / 4, [this] { be_greedy(); });
    for (auto left = in_.below(5); left > 0; --left) in_.after(some_time(), [this] { set_a_clock(); });
    for (auto left = in_.below(12); left > 0; --left)
      in_.after(some_time(), [this] { on_.at(some_node()).renew_certificate(); });
    if (in_.chance(200)) return; // a quiet day
    for (auto left = in_.below(8); left > 0; --left)
      in_.after(some_time(), [this] { on_.net.cut(some_end(), last_peer_); });
    for (auto left = in_.below(4); left > 0; --left) in_.after(some_time(), [this] { silence(); });
    for (auto left = in_.below(5); left > 0; --left) in_.after(some_time(), [this] { crash(some_node()); });
    for (auto left = in_.below(3); left > 0; --left) in_.after(some_time(), [this] { drain(some_node()); });
    if (in_.chance(200)) switch_proxy("S" + std::to_string(graph_.gateways[in_.below(2)].called));
  }

  void connect() {
    constexpr std::uint64_t sizes[] = {0, 1, 700, 20'000, 200'000};
    const auto& through = graph_.gateways[in_.below(graph_.gateways.size())];
    auto forth = sizes[in_.below(std::size(sizes))], back = sizes[in_.below(std::size(sizes))];
    on_.connect(through.name, forth, back);
  }

  /// Beside all that others do; they are held to the same account.
  void be_greedy() {
    auto home = on_.at("S" + std::to_string(graph_.greedy)).self().address.known_endpoint();
    greedy_.emplace(on_.net, "GREEDY", *home, "GREED");
    greedy_->ask(int(in_.below(600)));
  }

  /// Some node's wall clock is wrong for a while, or from then on. Nothing ends, waits or is forgotten
  /// because of that; but an offer of a clock that is a day ahead is refused.
  void set_a_clock() {
    auto& node = on_.at(some_node());
    duration off = in_.chance(200) ? duration{std::chrono::days{8}} : in_.between(1s, std::chrono::hours{20});
    node.set_clock(in_.chance(500) ? off : -off);
    if (in_.chance(700)) in_.after(in_.between(1s, 30s), [&node] { node.set_clock({}); });
  }

  /// Off, and on again before the busy time is over.
  void switch_proxy(const std::string& name) {
    auto off = some_time(), on = off + in_.between(duration{0}, busy_time - off);
    auto with = on_.at(name).self();
    in_.after(off, [this, name, with] { on_.at(name).define(without_proxy(with)); });
    in_.after(on, [this, name, with] { on_.at(name).define(with); });
  }

  /// One end of a link between servers or to a client; the other is `last_peer_`.
  std::string some_end() {
    if (in_.chance(300)) {
      auto number = std::to_string(1 + in_.below(servers));
      last_peer_ = "S" + number;
      return "C" + number;
    }
    auto [a, b] = graph_.links[in_.below(graph_.links.size())];
    last_peer_ = "S" + std::to_string(b);
    return "S" + std::to_string(a);
  }

  void silence() {
    auto end = some_end(), peer = last_peer_;
    on_.net.set_line(end, peer, in_.chance(700) ? line_state::silent : line_state::refusing);
    in_.after(in_.between(10ms, 40s), [this, end, peer] { on_.net.set_line(end, peer, line_state::up); });
  }

  /// One of the ends, or a server, while that transfer is likely to run.
  void crash_while_busy(const hub_graph::file& file, duration begun) {
    auto who = in_.chance(300) ? some_node() : "C" + std::to_string(in_.chance(500) ? file.from : file.to);
    in_.after(begun + in_.between(100ms, 1500ms), [this, who] { crash(who); });
  }

  void crash(const std::string& name) {
    auto& node = on_.at(name);
    if (!node.running()) return;
    node.crash(in_.chance(600));
    in_.after(in_.chance(500) ? in_.between(10ms, 500ms) : in_.between(500ms, 20s), [&node] {
      if (!node.running()) node.start();
    });
  }

  /// It takes nothing new, and ends when nothing is left or the time is up; then it comes again.
  void drain(const std::string& name) {
    auto& node = on_.at(name);
    if (!node.running()) return;
    std::function<void(outcome<drain_report>)> ended = [this, &node](const outcome<drain_report>&) {
      in_.after(in_.between(1s, 5s), [&node] {
        if (node.running()) node.crash(true);
        node.start();
      });
    };
    ask<drain_report>(in_, node.supervisor(), 30s, ended, drain_atom_v,
                      std::chrono::milliseconds(in_.below(5'000)));
  }

  void send(const hub_graph::file& file) {
    auto from = "C" + std::to_string(file.from);
    if (!on_.at(from).running()) return;
    auto asked = in_.now();
    std::function<void(outcome<transfer_record>)> then = [this, from, id = file.id,
                                                          asked](const outcome<transfer_record>& kept) {
      if (kept) promised_.push_back({from, id, kept->transfer, asked});
    };
    ask<transfer_record>(in_, *on_.at(from).actors().dispatcher, 30s, then, send_atom_v, file.id);
  }

  /// A client sends what it may send, or cancels it, under the id of somebody else's transfer, and as a later
  /// attempt than there ever was. Nobody else may notice.
  void steal_an_id() {
    if (promised_.empty()) return;
    const auto& victim = promised_[in_.below(promised_.size())];
    const auto& file = graph_.files[first_thief + in_.below(thieves)];
    auto from = "C" + std::to_string(file.from), to = "C" + std::to_string(file.to);
    auto& thief = on_.at(from);
    bool cancels = in_.chance(500);
    if (from == victim.from || !thief.running() || on_.sent(from, victim.transfer)) return;
    transfer_record record;
    record.transfer = victim.transfer;
    record.file = file.id;
    record.from = from;
    record.to = {{to, transfer_state::unconfirmed}};
    record.state = transfer_state::unconfirmed;
    record.sequence = 1'000 + ++stolen_;
    record.attempt = 1'000'000'000;
    record.path = "out/" + file.id;
    record.cancel_wanted = cancels;
    if (cancels) record.source = file_facts{};
    thief.journal().plant(record);
    std::function<void(outcome<transfer_record>)> then = [this, from](const outcome<transfer_record>& taken) {
      in_.note(from, taken ? "sends under a stolen id" : "stole an id in vain");
    };
    ask<transfer_record>(in_, *thief.actors().dispatcher, 30s, then, retry_atom_v, victim.transfer);
  }

  /// Many wait for a receiver that is down; one that goes to another does not wait for it.
  void send_to_the_dead() {
    const auto& waiting = graph_.files[held];
    auto& receiver = on_.at("C" + std::to_string(waiting.to));
    if (!receiver.running()) return;
    receiver.crash(in_.chance(600));
    for (int i = 0; i < held_sends; ++i) send(waiting);
    in_.after(in_.between(0s, 3s), [this] { send(graph_.files[beside]); });
    in_.after(in_.between(4s, 14s), [this, &receiver] {
      if (receiver.running()) return;
      receiver.start();
      back_ = in_.now();
    });
  }

  /// No more is wrong than that one receiver is down for a while.
  void judge_waiting(std::vector<std::string>& wrong) {
    std::optional<duration> first_went; // what its disks and journals take is no matter of waiting
    std::map<transfer_id, duration> first_tried;
    for (const auto& entry : on_.events.all()) {
      auto* next = std::get_if<event::next>(&entry.what);
      if (!next) continue;
      if (next->file == "HELD" && back_ && entry.time >= *back_ && !first_went) first_went = entry.time;
      if (next->file == "BESIDE") first_tried.emplace(entry.transfer, entry.time);
    }
    if (!first_went || *first_went - *back_ > 3s)
      wrong.push_back("who waited for a receiver did not go when it was back");
    for (const auto& each : promised_)
      if (each.file == "BESIDE" && first_tried[each.transfer] - each.asked > 100ms)
        wrong.push_back(each.transfer + " waited for another receiver's trouble");
  }

  /// What comes of it is nobody's promise; but it ends, and leaves nothing behind.
  void load_a_way() {
    auto& from = on_.at(some_node());
    auto to = some_node();
    if (!from.running() || to == from.self().node) return;
    std::function<void(outcome<load_report>)> then = [this, name = from.self().node](const auto& report) {
      in_.note(name, report ? "loaded a way" : "loaded no way");
    };
    ask<load_report>(in_, from.supervisor(), std::chrono::minutes{5}, then,
                     load_order{to, std::chrono::milliseconds{100 + in_.below(900)}, {}});
  }

  void change_source(const hub_graph::file& file, bool in_place) {
    constexpr std::uint64_t sizes[] = {0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 40 * chunk + 77};
    bytes content(sizes[in_.below(std::size(sizes))]);
    auto state = in_.draw();
    for (auto& each : content)
      each = std::byte((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
    auto from = "C" + std::to_string(file.from), path = "out/" + file.id;
    ledger_.note(from, path, in_.now(), content);
    auto& disk = on_.at(from).disk();
    if (in_place)
      disk.rewrite(path, std::move(content));
    else
      disk.put(path, std::move(content));
  }

  hub_graph graph_;
  universe on_;
  world& in_;
  std::optional<greedy_peer> greedy_;
  content_ledger ledger_;
  std::vector<promised_send> promised_;
  std::string last_peer_;
  std::uint64_t stolen_ = 0; ///< ids
  bool calm_ = false;        ///< nothing happens but that a receiver is down
  std::optional<duration> back_;
};

} // namespace

chaos_result run_chaos(std::uint64_t seed, bool keep_trace) {
  world dice{seed};
  return chaos{seed, draw_graph(dice), keep_trace}.run();
}

} // namespace hublink::sim
