#pragma once
// Planes on loopback with real certificates, and owners that tests can ask what they were told.
#include "node/plane/io_plane.hpp"
#include "node/trust/keys.hpp"

#include "actors/link/link_interface.hpp"
#include "actors/ports/data_plane.hpp"
#include "loopback.hpp"

#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace hublink::test {

using notice =
    std::variant<link_up, link_down, link_received, resolved, attached, progressed, consulted, ended>;

/// What an owner was told, in order.
class inbox {
 public:
  void put(notice what) {
    std::lock_guard lock(mutex_);
    notices_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// The first notice of that type, which is taken out; waits for it.
  template <class T>
  T wait() {
    std::unique_lock lock(mutex_);
    auto find = [this] {
      return std::ranges::find_if(notices_, [](auto& what) { return std::holds_alternative<T>(what); });
    };
    REQUIRE(changed_.wait_for(lock, patience, [&] { return find() != notices_.end(); }));
    auto found = find();
    auto taken = std::get<T>(std::move(*found));
    notices_.erase(found);
    return taken;
  }
  template <class T>
  bool has() {
    std::lock_guard lock(mutex_);
    return std::ranges::any_of(notices_, [](auto& what) { return std::holds_alternative<T>(what); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<notice> notices_;
};

using probe_actor =
    caf::typed_actor<caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>,
                     caf::reacts_to<resolved>, caf::reacts_to<attached>, caf::reacts_to<progressed>,
                     caf::reacts_to<consulted>, caf::reacts_to<ended>, caf::reacts_to<hop_lost>>;

struct actor_config : caf::actor_system_config {
  actor_config() {
    add_message_types<caf::id_block::hublink>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2);
  }
};

/// An owner of links and circuits.
struct owner {
  std::shared_ptr<inbox> notices = std::make_shared<inbox>();
  probe_actor actor;

  explicit owner(caf::actor_system& system) {
    auto put = [to = notices](auto what) { to->put(std::move(what)); };
    actor = system.spawn([put]() -> probe_actor::behavior_type {
      return {[=](link_up& what) { put(what); },
              [=](link_down& what) { put(what); },
              [=](link_received& what) { put(what); },
              [=](resolved& what) { put(what); },
              [=](attached& what) { put(what); },
              [=](progressed& what) { put(what); },
              [=](consulted& what) { put(what); },
              [=](ended& what) { put(what); },
              [](hop_lost&) {}};
    });
  }
  ~owner() { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }

  template <class Handle>
  weak_owner<Handle> as() const {
    return weak_owner<Handle>(caf::actor_cast<Handle>(actor));
  }
  template <class T>
  T wait() const {
    return notices->wait<T>();
  }
};

/// Folders of keys for servers of these names.
class key_folders {
 public:
  explicit key_folders(std::initializer_list<std::string> servers) {
    std::string name = (std::filesystem::temp_directory_path() / "hublink-plane-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    keys_order order{path_, "test", {}};
    for (auto& server : servers) order.nodes.emplace_back(server, role::server);
    REQUIRE(make_keys(order, std::chrono::system_clock::now()));
  }
  ~key_folders() { std::filesystem::remove_all(path_); }

  plane_identity of(const std::string& name) const {
    auto keys = load_keys(path_ / name, name, role::server, std::chrono::system_clock::now());
    REQUIRE(keys);
    return {name, role::server, keys->ca_path, keys->cert_path, keys->key_path, keys->crl_path, keys->ca};
  }
  void revoke(const std::string& name) const {
    REQUIRE(revoke_keys(path_, name, std::chrono::system_clock::now()));
  }

 private:
  std::filesystem::path path_;
};

/// A running plane whose links are adopted by the test.
struct running_plane {
  owner acceptor;
  std::mutex mutex;
  std::condition_variable changed;
  std::string warned; ///< guarded
  std::unique_ptr<io_plane> plane;

  running_plane(caf::actor_system& system, plane_identity own, const std::string& address = "127.0.0.1:0",
                node_limits limits = {})
      : acceptor(system) {
    io_plane_config config;
    config.where = {*endpoint::parse(address)};
    config.dialling.on_loopback = {config.where.front().address};
    config.own = std::move(own);
    config.incarnation = 7;
    config.limits = limits;
    config.warn = [this](const std::string& line) {
      std::lock_guard lock(mutex);
      warned += line + "\n";
      changed.notify_all();
    };
    auto made = io_plane::make(std::move(config));
    REQUIRE(made);
    plane = std::move(*made);
    plane->start();
    plane->listen(acceptor.as<link_acceptor>());
  }
  ~running_plane() { plane->stop(); }

  io_plane* operator->() { return plane.get(); }
  endpoint where() const { return plane->listens_at().front(); }
  /// Runs on the io thread, so after everything posted before.
  void settle() {
    std::promise<void> done;
    asio::post(plane->context(), [&] { done.set_value(); });
    REQUIRE(done.get_future().wait_for(patience) == std::future_status::ready);
  }
  /// What it said first about peers that it refused; waits for it.
  std::string warning() {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, patience, [this] { return !warned.empty(); }));
    return warned;
  }
};

/// Keys and actors for two planes.
struct two_servers {
  actor_config config;
  caf::actor_system system{config};
  key_folders keys{"ServerA", "ServerB"};
};

/// A plain connection to a plane's port.
inline peer call(const endpoint& where) {
  auto address = to_asio(where);
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(fd, address.data(), socklen_t(address.size())) == 0);
  return peer(fd);
}

} // namespace hublink::test
