#pragma once
/// Connections that have not shown yet who they are: how many there may be, and which one goes for a new one.
/// One thread; all in O(log n).
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace hublink {

class unproven_connections : public std::enable_shared_from_this<unproven_connections> {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds lifetime{5};

  /// Half of `limit` may come from one source address, or `of_one`.
  static std::shared_ptr<unproven_connections> make(std::size_t limit,
                                                    std::optional<std::size_t> of_one = {}) {
    return std::shared_ptr<unproven_connections>(new unproven_connections(limit, of_one.value_or(limit / 2)));
  }

  /// A place among them, until this is destroyed.
  class ticket {
   public:
    ticket(std::weak_ptr<unproven_connections> of, std::uint64_t number)
        : of_(std::move(of)), number_(number) {}
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket();
    /// What closes the connection now.
    void on_drop(std::function<void()> drop);

   private:
    std::weak_ptr<unproven_connections> of_;
    std::uint64_t number_;
  };

  /// Makes room by dropping the oldest from that source, or the oldest from where most come. `drop` closes
  /// the connection.
  std::shared_ptr<ticket> admit(const std::string& source, std::function<void()> drop, time_point now);
  /// One from where most come, the oldest. False if there is none.
  bool drop_one();
  /// Drops those whose time is over.
  void expire(time_point now);
  std::optional<time_point> next_deadline() const;
  std::size_t size() const { return waiting_.size(); }
  /// Nobody has more of them than that source.
  bool has_most(const std::string& source) const;

 private:
  struct entry {
    std::string source;
    std::function<void()> drop;
    time_point deadline;
  };
  unproven_connections(std::size_t limit, std::size_t of_one) : limit_(limit), of_one_(of_one) {}
  /// Takes it out; nothing if it is gone.
  std::optional<entry> extract(std::uint64_t number);
  void drop(std::uint64_t number);

  using numbers = std::set<std::uint64_t>; ///< the oldest first

  std::size_t limit_, of_one_;
  std::map<std::uint64_t, entry> waiting_;               ///< by number: oldest first
  std::map<std::string, numbers> by_source_;             ///< none is empty
  std::set<std::pair<std::size_t, std::string>> counts_; ///< sources by how many come from there
  std::uint64_t last_ = 0;
};

} // namespace hublink
