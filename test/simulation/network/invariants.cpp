#include "simulation/network/invariants.hpp"

#include "protocol/transfer/digest.hpp"

#include <algorithm>

namespace hublink::sim {

namespace {

std::string digest_of(byte_view content, digest_kind kind) {
  file_digest digest{kind};
  digest.add(content);
  return digest.text();
}

bool is_of(const std::string& digest, byte_view content) {
  for (auto kind : {digest_kind::xxh128, digest_kind::sha256})
    if (is_digest(digest, kind)) return digest == digest_of(content, kind);
  return false;
}

/// Not one that is unconfirmed: its receiver is asked again after a restart.
bool settles(const event::sent& what) {
  return std::none_of(what.receivers.begin(), what.receivers.end(),
                      [](const auto& each) { return each.second == "pending"; });
}

class inspection {
 public:
  inspection(universe& on, const content_ledger& ledger, const std::vector<promised_send>& promised)
      : on_(on), ledger_(ledger), promised_(promised) {}

  std::vector<std::string> run() {
    for (const auto& each : promised_)
      if (!on_.sent(each.from, each.transfer))
        wrong(each.transfer, "was promised by " + each.from + " and is forgotten");
    for (const auto& [name, node] : on_.nodes()) {
      if (node->circuits() > 0) wrong(name, "has " + std::to_string(node->circuits()) + " open circuits");
      for (const auto& [key, record] : node->journal().durable().records)
        if (record.side == transfer_side::sender) check_sent(record);
      for (const auto& [file, receive] : node->self().receives) check_target(*node, receive);
    }
    check_events();
    return std::move(found_);
  }

 private:
  void wrong(const std::string& what, const std::string& how) { found_.push_back(what + " " + how); }

  void check_sent(const transfer_record& sent) {
    if (!is_final(sent.state))
      wrong(sent.transfer, "has no outcome at its sender: " + std::string{to_string(sent.state)});
    for (const auto& [receiver, state] : sent.to) {
      if (state != sent.state && sent.to.size() == 1)
        wrong(sent.transfer, "is in another state than its only receiver");
      auto* there = on_.at(receiver).journal().durable().find(key_of(sent), transfer_side::receiver);
      bool published = there && there->state == transfer_state::done;
      if (state == transfer_state::done && !published)
        wrong(sent.transfer, "is done, but not at " + receiver);
      bool denied = state == transfer_state::failed || state == transfer_state::superseded;
      if (denied && published)
        wrong(sent.transfer, "is " + std::string{to_string(state)} + ", but done at " + receiver);
      if (state == transfer_state::spooled && !is_lost(sent))
        wrong(sent.transfer, "stays spooled for " + receiver + (published ? ", who is done" : ""));
      if (published) check_content(sent, *there);
    }
  }

  /// No point has it any more, and some disk lied about what was safe there.
  bool is_lost(const transfer_record& sent) const {
    auto any = [&](const auto& test) { return std::any_of(on_.nodes().begin(), on_.nodes().end(), test); };
    bool is_kept = any([&](const auto& node) {
      const auto& spools = node.second->journal().durable().spools;
      return std::any_of(spools.begin(), spools.end(), [&](const auto& spool) {
        return spool.first.transfer == sent.transfer && spool.first.sender == sent.from;
      });
    });
    return !is_kept && any([](const auto& node) { return node.second->disk().has_lied(); });
  }

  void check_content(const transfer_record& sent, const transfer_record& received) {
    if (sent.state == transfer_state::done && !sent.digest.empty() && sent.digest != received.digest)
      wrong(sent.transfer, "has another digest at its receiver");
    auto promise = std::find_if(promised_.begin(), promised_.end(),
                                [&](const auto& each) { return each.transfer == sent.transfer; });
    auto asked = promise == promised_.end() ? duration{0} : promise->asked;
    if (!ledger_.had(sent.from, sent.path, received.digest, asked, on_.in.now()))
      wrong(sent.transfer, "was published with a content that its source never had");
  }

  /// The target holds what the last published transfer of that file brought, whole.
  void check_target(sim_node& at, const receive_definition& defined) {
    if (at.disk().has_lied() && at.crashes() > 0) return; // what was safe by its word is gone
    auto content = at.disk().get(defined.path);
    const transfer_record* last = nullptr;
    for (const auto& [key, record] : at.journal().durable().records)
      if (record.side == transfer_side::receiver && record.file == defined.file &&
          record.state == transfer_state::done && (!last || record.sequence > last->sequence))
        last = &record;
    if (content && may_have_brought(at, defined, last, *content)) return;
    if (!content != !last)
      return wrong(defined.file, content ? "is there, but nobody is done" : "is done, but not there");
    if (!content) return;
    if (!is_of(last->digest, *content))
      wrong(defined.file, "is not what transfer " + last->transfer + " brought");
    if (at.crashes() > 0) return; // the partial file of a life that ended may stay
    for (const auto& [key, record] : at.journal().durable().records) {
      bool over = record.state == transfer_state::done || record.state == transfer_state::cancelled ||
                  record.state == transfer_state::superseded;
      if (record.side != transfer_side::receiver || !over) continue; // what broke may be gone on with
      // Another sender's transfer may have the same id.
      for (const auto& path : at.disk().list())
        if (path.ends_with(".part") && path.starts_with(record.path + "." + record.transfer + "."))
          wrong(path, "was left behind");
    }
  }

  /// A later one whose rename came back when nobody waited for it any more: until it is asked for again, or
  /// the node starts, it is unconfirmed.
  static bool may_have_brought(sim_node& at, const receive_definition& defined, const transfer_record* last,
                               byte_view content) {
    const auto& rows = at.journal().durable();
    return std::any_of(rows.publications.begin(), rows.publications.end(), [&](const auto& row) {
      const auto& [key, kept] = row;
      auto* record = rows.find(key, transfer_side::receiver);
      return !kept.done && key.file == defined.file && record &&
             (!last || record->sequence > last->sequence) && is_of(kept.what.digest, content);
    });
  }

  void check_events() {
    struct counts {
      int next = 0, answered = 0, asked = 0, closed = 0, sent = 0, received = 0;
    };
    std::map<std::pair<std::string, transfer_id>, counts> seen;
    std::map<std::tuple<std::string, transfer_id, std::string>, counts> of_file; // an id is no name
    for (const auto& entry : on_.events.all()) {
      auto& count = seen[{entry.node, entry.transfer}];
      if (std::holds_alternative<event::next>(entry.what)) ++count.next;
      if (std::holds_alternative<event::opened>(entry.what)) ++count.answered;
      if (auto* sent = std::get_if<event::sent>(&entry.what))
        of_file[{entry.node, entry.transfer, sent->file}].sent += settles(*sent);
      if (auto* received = std::get_if<event::received>(&entry.what))
        ++of_file[{entry.node, entry.transfer, received->file}].received;
      if (std::holds_alternative<event::told>(entry.what)) ++count.asked;
      auto* closed = std::get_if<event::closed>(&entry.what);
      if (closed && !closed->hop) ++count.closed; // a broadcast's branch names it
    }
    for (const auto& [where, count] : of_file) {
      const auto& [node, transfer, file] = where;
      if (count.sent > 1) wrong(transfer, "was sent more than once, says " + node);
      if (count.received > 1) wrong(transfer, "was received more than once, says " + node);
    }
    for (const auto& [where, count] : seen) {
      const auto& [node, transfer] = where;
      if (count.answered > count.next) wrong(transfer, "was opened more often than asked for at " + node);
      auto made = std::max(count.asked, 1); // a server that was not told dialled another gateway
      if (on_.at(node).self().role == role::server && count.closed > made)
        wrong(transfer, "was closed more often than told at " + node);
    }
  }

  universe& on_;
  const content_ledger& ledger_;
  const std::vector<promised_send>& promised_;
  std::vector<std::string> found_;
};

} // namespace

void content_ledger::note(const std::string& node, const std::string& path, duration when,
                          byte_view content) {
  versions_[{node, path}].push_back(
      {when, digest_of(content, digest_kind::xxh128), digest_of(content, digest_kind::sha256)});
}

bool content_ledger::had(const std::string& node, const std::string& path, const std::string& digest,
                         duration from, duration until) const {
  auto found = versions_.find({node, path});
  if (found == versions_.end()) return false;
  const auto& all = found->second;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool over_before = i + 1 < all.size() && all[i + 1].since <= from;
    if (!over_before && all[i].since <= until && (all[i].xxh128 == digest || all[i].sha256 == digest))
      return true;
  }
  return false;
}

std::vector<std::string> violations(universe& on, const content_ledger& ledger,
                                    const std::vector<promised_send>& promised) {
  return inspection{on, ledger, promised}.run();
}

std::vector<std::string> final_account(universe& on, const content_ledger& ledger,
                                       const std::vector<promised_send>& promised) {
  using namespace std::chrono_literals;
  std::vector<std::string> wrong;
  on.repair();
  on.in.run_until([&] { return on.everything_final() && !on.something_is_spooled(); }, 30min);
  if (!on.everything_final()) wrong.push_back("no end in half an hour");
  for (auto& each : gateway_account(on)) wrong.push_back(std::move(each));
  if (!on.quiet(10min)) wrong.push_back("circuits stay open");
  for (auto& each : violations(on, ledger, promised)) wrong.push_back(std::move(each));
  if (auto left = on.stop_all(); left > 0) wrong.push_back(std::to_string(left) + " actors do not end");
  return wrong;
}

} // namespace hublink::sim
