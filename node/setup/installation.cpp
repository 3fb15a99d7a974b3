#include "node/setup/installation.hpp"

#include "node/base/small_file.hpp"
#include "node/topology/topology_check.hpp"
#include "node/trust/keys.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;

constexpr const char* topology_name = "net.json";
constexpr const char* start_name = "environment";
constexpr mode_t key_mode = 0600, plain_mode = 0644, config_mode = 0755, data_mode = 0700;

failure not_made(const fs::path& path) {
  return {errc::io_error, {}, path.string() + " can't be made: " + std::strerror(errno)};
}

outcome<> make_place(const fs::path& path, mode_t mode, std::optional<file_owner> owner = {}) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  bool made = ::mkdir(path.c_str(), mode) == 0;
  if (!made && errno != EEXIST) return not_made(path);
  if (made && ::chmod(path.c_str(), mode) != 0) return not_made(path);
  if (owner && made && ::lchown(path.c_str(), owner->user, owner->group) != 0) return not_made(path);
  return {};
}

/// What the unit gives to `hublink run` before its own words.
std::string start_words(const bundle& packed, const fs::path& config) {
  auto words = packed.topology.empty() ? "--join " + packed.join : (config / topology_name).string();
  return "# What hublink@" + packed.node + " starts with.\nHUBLINK_START=" + words + "\n";
}

outcome<std::string> place_in_topology(const bundle& packed) {
  if (packed.topology.empty()) return std::string{};
  auto checked = parse_and_check(packed.topology);
  if (!checked.problems.empty())
    return {errc::bad_config, "its topology: " + to_string(checked.problems.front())};
  auto* known = checked.value.find(packed.node);
  if (!known || known->role != packed.role)
    return {errc::bad_config,
            "its topology has no " + std::string{to_string(packed.role)} + " " + packed.node};
  if (checked.value.network != packed.network)
    return {errc::bad_config,
            "its topology is of network " + checked.value.network + ", not of " + packed.network};
  return to_string(*known->address);
}

outcome<> write_config(const bundle& packed, const fs::path& folder, const fs::path& seen) {
  for (const auto& [name, text] : packed.keys)
    if (auto written = write_small_file(folder / name, text, name == "key.pem" ? key_mode : plain_mode);
        !written)
      return written;
  if (!packed.topology.empty())
    if (auto written = write_small_file(folder / topology_name, packed.topology, plain_mode); !written)
      return written;
  if (auto written = write_small_file(folder / start_name, start_words(packed, seen), plain_mode); !written)
    return written;
  for (const auto& [name, text] : packed.keys) // whatever the umask is
    if (name != "key.pem" && ::chmod((folder / name).c_str(), plain_mode) != 0)
      return not_made(folder / name);
  for (const auto* name : {topology_name, start_name})
    if (::chmod((folder / name).c_str(), plain_mode) != 0 && errno != ENOENT) return not_made(folder / name);
  return {};
}

/// Another network's node of that name is not written over.
outcome<> check_same_network(const bundle& packed, const fs::path& config) {
  auto before = read_small_file(config / "ca.pem");
  if (!before && before.error().code == errc::file_missing) return {};
  if (!before) return failure{errc::bad_config, {}, before.error().text};
  if (auto ca = packed.keys.find("ca.pem"); ca != packed.keys.end() && ca->second == *before) return {};
  return {errc::bad_config, config.string() + " is a node of another network; move it away first"};
}

/// The administrator's own files stay.
void keep_others(const fs::path& before, const fs::path& now) {
  std::error_code problem;
  for (fs::directory_iterator entry{before, problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    auto name = entry->path().filename();
    bool ours = name.extension() == ".pem" || name == topology_name || name == start_name;
    std::error_code not_moved;
    if (!ours) fs::rename(entry->path(), now / name, not_moved);
  }
}

/// The folder stands there whole, before and after.
outcome<bool> put_in_place(const fs::path& made, const fs::path& config) {
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, config.c_str(), RENAME_NOREPLACE) == 0) return false;
  if (errno != EEXIST || ::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, config.c_str(), RENAME_EXCHANGE) != 0)
    return not_made(config);
  keep_others(made, config);
  std::error_code problem;
  fs::remove_all(made, problem);
  if (problem) return failure{errc::io_error, {}, made.string() + " can't be removed: " + problem.message()};
  return true;
}

} // namespace

outcome<file_owner> node_account(const std::string& name) {
  auto* found = ::getpwnam(name.c_str());
  if (!found)
    return {errc::bad_config, "there is no user " + name +
                                  " for nodes to run as: the package makes it, or adduser --system --group " +
                                  name};
  return file_owner{found->pw_uid, found->pw_gid};
}

outcome<installation> install_bundle(const bundle& packed, const installation_places& where,
                                     std::optional<file_owner> data_owner,
                                     std::chrono::system_clock::time_point now) {
  auto listens = place_in_topology(packed);
  if (!listens) return listens.error();
  installation made{where.etc / packed.node, where.state / packed.node, *listens};
  auto beside = where.etc / ("." + packed.node + ".new");
  if (auto same = check_same_network(packed, made.config); !same) return same.error();
  std::error_code problem;
  fs::remove_all(beside, problem);
  if (auto there = make_place(beside, config_mode); !there) return there.error();
  auto seen = (where.seen_etc.empty() ? where.etc : where.seen_etc) / packed.node;
  auto written = write_config(packed, beside, seen);
  auto keys =
      written ? load_keys(beside, packed.node, packed.role, now) : outcome<node_keys>{written.error()};
  if (!keys) {
    fs::remove_all(beside, problem);
    return failure{keys.error().code, {}, "its keys can't be used: " + keys.error().text};
  }
  for (const auto& folder : {made.data, made.data / "out", made.data / "in"})
    if (auto there = make_place(folder, data_mode, data_owner); !there) return there.error();
  auto placed = put_in_place(beside, made.config);
  if (!placed) return placed.error();
  made.renewed = *placed;
  if (auto kept = sync_folder(where.etc); !kept) return kept.error();
  return made;
}

} // namespace hublink
