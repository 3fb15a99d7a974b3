#pragma once
/// Connections that have not shown yet who they are: how many there may be, and which one goes for a new one.
/// One thread.
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

class unproven_connections : public std::enable_shared_from_this<unproven_connections> {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds lifetime{5};

  /// Half of `limit` may come from one source address.
  static std::shared_ptr<unproven_connections> make(std::size_t limit) {
    return std::shared_ptr<unproven_connections>(new unproven_connections(limit));
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

  /// Makes room by dropping the oldest from that source, or the oldest of all. `drop` closes the connection.
  std::shared_ptr<ticket> admit(const std::string& source, std::function<void()> drop, time_point now);
  /// False if there is none.
  bool drop_oldest();
  /// Drops those whose time is over.
  void expire(time_point now);
  std::optional<time_point> next_deadline() const;
  std::size_t size() const { return waiting_.size(); }

 private:
  struct entry {
    std::uint64_t number;
    std::string source;
    std::function<void()> drop;
    time_point deadline;
  };
  explicit unproven_connections(std::size_t limit) : limit_(limit) {}
  std::list<entry>::iterator find(std::uint64_t number);
  void drop(std::list<entry>::iterator connection);

  std::size_t limit_;
  std::list<entry> waiting_; ///< oldest first
  std::uint64_t last_ = 0;
};

} // namespace hublink
