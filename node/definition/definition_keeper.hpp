#pragma once
/// The definitions that a manager signed, as a node has them: its own, and at a server those that it hands on
/// to its clients and neighbours. Each in a file of its own, replaced as a whole. Thread-safe.
#include "actors/definition/live_definition.hpp"
#include "actors/ports/event_log.hpp"
#include "node/definition/known_newest.hpp"
#include "protocol/definition/signed_definition.hpp"

#include <filesystem>
#include <functional>
#include <map>

namespace hublink {

/// What a node stored earlier.
struct stored_definition {
  definition_ptr self;
  std::uint64_t version = 0;
  bytes as_signed;
};
/// The node's own of an earlier `take`; nothing if there is none. Fails with `bad_config` if it is damaged,
/// of another node, not signed by a manager of this network, or older than one that the node had.
outcome<std::optional<stored_definition>> load_definition(const std::filesystem::path& data,
                                                          const std::string& node, const trust& ca,
                                                          const known_newest& known);

/// One that a server keeps for another node.
struct kept_definition {
  std::uint64_t version = 0;
  bytes as_signed;
  bool handed_on = false;
  std::optional<failure> reason; ///< why it could not be handed on
};

/// `known` outlives it.
class definition_keeper {
 public:
  using clock = std::function<std::chrono::system_clock::time_point()>;

  definition_keeper(live_definition self, std::filesystem::path data, std::shared_ptr<const trust> ca,
                    known_newest& known, event_log& events, clock wall_clock);

  /// Reads what is stored. Fails as `load_definition`; of others, what can't be read is passed over.
  outcome<> open();
  std::uint64_t version() const; ///< 0: none was taken

  /// Genuine, of this network, and by a manager?
  outcome<signed_definition> verify(byte_view from) const;
  /// One of this node, which `by` handed over: stored, then `put_in_force` gets it, in the order of versions.
  /// One that is in force already is fine, and nothing happens. Answers with its version. Fails with
  /// `tampered`, `not_authorised`, `superseded` (older, or known not to be the newest), `replayed` (another
  /// of the same version), `bad_config`, `io_error`.
  outcome<std::uint64_t> take(byte_view from, const std::string& by,
                              const std::function<void(definition_ptr)>& put_in_force);
  /// One of a client or neighbour, to be handed on. Fails as `take`.
  outcome<> keep(byte_view from);

  std::optional<kept_definition> kept_for(const std::string& node) const;
  std::map<std::string, kept_definition> kept() const;
  /// There is something newer for all of them.
  void hand_on_again();
  /// What became of handing that version on.
  void handed_on(const std::string& node, std::uint64_t version, const std::optional<failure>& why_not);

 private:
  outcome<definition_ptr> judge(const signed_definition& from) const;
  outcome<std::uint64_t> store_own(byte_view from, const std::function<void(definition_ptr)>& put_in_force);
  void drop_strangers();
  bool is_served(const std::string& node) const;

  live_definition self_;
  std::filesystem::path data_;
  std::shared_ptr<const trust> ca_;
  known_newest& known_;
  event_log& events_;
  clock wall_clock_;
  mutable std::mutex lock_;
  std::uint64_t version_ = 0;
  std::string content_; ///< of that version
  std::map<std::string, kept_definition> kept_;
};

} // namespace hublink
