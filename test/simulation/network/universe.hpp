#pragma once
/// A world with a network of nodes in it, built from a topology text by the definition compiler.
#include "simulation/sim/sim_node.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace hublink::sim {

class universe {
 public:
  /// Throws `std::runtime_error` with the problems of a topology that has any.
  universe(std::uint64_t seed, const std::string& topology, bool keep_trace = false);
  /// Ends every node.
  ~universe();

  world in;
  network net{in};
  event_trace events{in};
  application_book applications{in};

  sim_node& at(const std::string& name) { return *nodes_.at(name); }
  const std::map<std::string, std::unique_ptr<sim_node>>& nodes() const { return nodes_; }
  void start_all(); ///< and lets them begin to listen
  /// Every line is up again, and every node runs.
  void repair();

  /// Asks the sender to send; what it answered, once it did. Nothing: it did not answer in half a minute.
  std::optional<outcome<transfer_record>> send(const std::string& from, const std::string& file);
  std::optional<outcome<ping_report>> ping(const std::string& from, const std::string& to);
  /// Loads each line of the way for so long.
  std::optional<outcome<load_report>> load(const std::string& from, const std::string& to,
                                           std::chrono::milliseconds time);
  /// Sends, and waits for the outcome.
  transfer_record transfer(const std::string& from, const std::string& file);
  /// As safe in the sender's journal.
  const transfer_record* sent(const std::string& from, const transfer_id& transfer);
  const transfer_record* received(const std::string& at, const transfer_id& transfer);

  /// Compiles that topology and puts each node's part of it in force.
  void define(const std::string& topology);
  /// An application connects to that gateway at its calling server, to send and get so many bytes; its
  /// number.
  std::uint64_t connect(const std::string& gateway, std::uint64_t forth, std::uint64_t back);
  /// Every server that shall keep a gateway link has one, both ends know of no second one, and no application
  /// is under way.
  bool gateways_at_rest();

  bool everything_final() const;
  bool something_is_spooled() const; ///< by its sender's word
  std::size_t circuits() const;
  /// Runs until no circuit is open anywhere, for a second.
  bool quiet(duration limit);
  /// Ends every node in order; the actors that are left then are leaks.
  std::size_t stop_all();

 private:
  /// By the state of any transfer at its sender.
  bool any_sent(bool (*test)(transfer_state)) const;

  template <class T, class Handle, class... Ts>
  std::optional<outcome<T>> put(const Handle& to, Ts... question);

  std::map<std::string, std::unique_ptr<sim_node>> nodes_;
  std::size_t actors_before_ = 0;
};

bytes content_of(std::string_view text);
/// The same with the proxy function switched off.
definition without_proxy(definition self);

} // namespace hublink::sim
