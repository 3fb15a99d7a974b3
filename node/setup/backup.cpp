#include "node/setup/backup.hpp"

#include "node/accounts/accounts.hpp"
#include "node/base/small_file.hpp"
#include "node/base/unique_fd.hpp"
#include "node/topology/topology.hpp"
#include "node/trust/renewed_keys.hpp"
#include "protocol/trust/credentials.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr const char* journal_name = "journal.sqlite";
constexpr std::array small_names{"definition.signed"sv, "known.signed"sv, "applied.json"sv,
                                 "crl.pem"sv,           "clock.json"sv,   "local.json"sv,
                                 "socks.users"sv,       "tokens"sv,       "invitations.json"sv};
constexpr std::array key_names{"ca.pem"sv, "cert.pem"sv, "key.pem"sv, "crl.pem"sv, "recipients.pem"sv};
constexpr std::array ca_names{"cert.pem"sv, "key.pem"sv, "crl.pem"sv};
constexpr std::string_view kept_prefix = "definitions/", key_prefix = "keys/", kept_suffix = ".signed";
/// A CA that was entrusted to a manager: in a backup with keys alone.
constexpr std::string_view ca_prefix = "ca/", issued_prefix = "ca/issued/", issued_suffix = ".pem";
/// What a manager keeps for those who draw its network (node/web/workbench.hpp).
constexpr std::string_view console_prefix = "console/", console_suffix = ".json", draft_begin = "draft ",
                           program_begin = "token ";
constexpr std::size_t largest_small_file = 256 << 20;
constexpr mode_t private_mode_of_backup = 0600;
constexpr int patience_ms = 10'000;

failure of_sqlite(const SQLite::Exception& thrown, const fs::path& file) {
  constexpr int full = 13; // SQLITE_FULL
  auto code = thrown.getErrorCode() == full ? errc::no_space : errc::io_error;
  return {code, {}, file.string() + ": " + thrown.what()};
}

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_of_a_node(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return is_name(name) && name.find('/') == name.npos;
}

bool is_console_name(std::string_view name) {
  if (!name.ends_with(console_suffix)) return false;
  name.remove_suffix(console_suffix.size());
  if (name == "places") return true;
  if (!name.starts_with(draft_begin)) return false;
  name.remove_prefix(draft_begin.size());
  if (name.starts_with(program_begin)) name.remove_prefix(program_begin.size());
  return bool{accounts::check_name(std::string{name})};
}

/// Names of ours alone: a backup leads nowhere else.
bool is_small_name(std::string_view name) {
  if (name.starts_with(key_prefix)) return is_one_of(key_names, name.substr(key_prefix.size()));
  if (name.starts_with(issued_prefix)) return is_of_a_node(name.substr(issued_prefix.size()), issued_suffix);
  if (name.starts_with(ca_prefix)) return is_one_of(ca_names, name.substr(ca_prefix.size()));
  if (name.starts_with(console_prefix)) return is_console_name(name.substr(console_prefix.size()));
  if (name.starts_with(kept_prefix)) return is_of_a_node(name.substr(kept_prefix.size()), kept_suffix);
  return is_one_of(small_names, name);
}

/// A restore puts it nowhere unless it is told where keys go.
bool is_key_material(std::string_view name) {
  return name.starts_with(key_prefix) || name.starts_with(ca_prefix);
}

fs::path folder_of(std::string_view name, const fs::path& data, const fs::path& keys) {
  if (name.starts_with(key_prefix)) return keys;
  if (name.starts_with(issued_prefix)) return data / "ca" / "issued";
  if (name.starts_with(ca_prefix)) return data / "ca";
  if (name.starts_with(console_prefix)) return data / "console";
  return name.starts_with(kept_prefix) ? data / "definitions" : data;
}

class backup_writer {
 public:
  explicit backup_writer(SQLite::Database& into)
      : insert_(
            (into.exec(
                 "CREATE TABLE backup_files (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID"),
             into),
            "INSERT INTO backup_files VALUES (?, ?)") {}

  outcome<> add(const std::string& name, const fs::path& file) {
    auto text = read_small_file(file, largest_small_file);
    if (!text && text.error().code == errc::file_missing) return {};
    if (!text) return text.error();
    insert_.bind(1, name);
    insert_.bind(2, text->data(), static_cast<int>(text->size()));
    insert_.exec();
    insert_.reset();
    return {};
  }

  /// All in that folder whose names are ours.
  outcome<> add_all(std::string_view prefix, const fs::path& folder) {
    std::error_code problem;
    for (fs::directory_iterator entry{folder, problem}, end; !problem && entry != end;
         entry.increment(problem)) {
      auto name = std::string{prefix} + entry->path().filename().string();
      if (!is_small_name(name)) continue;
      if (auto added = add(name, entry->path()); !added) return added;
    }
    return {};
  }

 private:
  SQLite::Statement insert_;
};

/// The node has got a certificate after that in its key folder, and goes by it.
bool is_newer(const std::vector<fs::path>& renewed, const fs::path& keys) {
  auto made = [](const fs::path& folder) -> std::optional<trust::clock_time> {
    auto text = read_small_file(folder / "cert.pem");
    auto found = text ? read_certificates(*text) : text.error();
    if (!found || found->empty()) return {};
    return begin_of_validity(found->begin()->second);
  };
  return !renewed.empty() && made(keys) < made(renewed.front());
}

outcome<> add_keys(backup_writer& writer, const fs::path& data, const fs::path& keys) {
  const auto renewed = renewed_keys{data}.all();
  for (auto name : key_names) {
    bool of_pair = name == "cert.pem"sv || name == "key.pem"sv;
    const auto& folder = of_pair && is_newer(renewed, keys) ? renewed.front() : keys;
    if (auto added = writer.add(std::string{key_prefix}.append(name), folder / name); !added) return added;
  }
  for (auto name : ca_names)
    if (auto added = writer.add(std::string{ca_prefix}.append(name), data / "ca" / name); !added)
      return added;
  return writer.add_all(issued_prefix, data / "ca" / "issued");
}

outcome<> fill(const fs::path& data, const fs::path& keys, const fs::path& file) {
  SQLite::Database from{(data / journal_name).string(), SQLite::OPEN_READWRITE, patience_ms};
  SQLite::Database into{file.string(), SQLite::OPEN_READWRITE, patience_ms};
  {
    SQLite::Backup copy{into, from};
    copy.executeStep(-1);
  }
  into.exec("PRAGMA journal_mode=DELETE"); // all of it in one file
  SQLite::Transaction together{into};
  backup_writer writer{into};
  for (auto name : small_names)
    if (auto added = writer.add(std::string{name}, data / name); !added) return added;
  if (auto added = writer.add_all(kept_prefix, data / "definitions"); !added) return added;
  if (auto added = writer.add_all(console_prefix, data / "console"); !added) return added;
  if (!keys.empty())
    if (auto added = add_keys(writer, data, keys); !added) return added;
  together.commit();
  return {};
}

outcome<> make_empty(const fs::path& file) {
  ::unlink(file.c_str());
  unique_fd made{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_mode_of_backup)};
  if (!made) return {errc::io_error, file.string() + " can't be made: " + std::strerror(errno)};
  return {};
}

outcome<> move_in_place(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  fs::rename(from, to, problem);
  if (problem) return {errc::io_error, to.string() + " can't be written: " + problem.message()};
  return sync_folder(to.parent_path());
}

/// Whoever has the folder has what comes into it.
outcome<> give_to_owner_of(const fs::path& folder, const fs::path& file) {
  struct stat owner {};
  bool done = ::stat(folder.c_str(), &owner) == 0 &&
              (owner.st_uid == ::geteuid() || ::lchown(file.c_str(), owner.st_uid, owner.st_gid) == 0);
  if (done) return {};
  return {errc::io_error,
          file.string() + " can't be given to the owner of " + folder.string() + ": " + std::strerror(errno)};
}

outcome<> put_small_file(const std::string& name, const std::string& text, const fs::path& data,
                         const fs::path& keys) {
  if (is_key_material(name) && keys.empty()) return {};
  auto folder = folder_of(name, data, keys);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return {errc::io_error, folder.string() + " can't be made: " + std::strerror(errno)};
  if (folder != data)
    if (auto given = give_to_owner_of(folder.parent_path(), folder); !given) return given;
  auto file = folder / fs::path{name}.filename();
  if (auto written = write_small_file(file, text, private_mode_of_backup); !written) return written;
  return give_to_owner_of(folder, file);
}

outcome<> put_small_files(SQLite::Database& from, const fs::path& data, const fs::path& keys) {
  SQLite::Statement rows{from, "SELECT name, content FROM backup_files ORDER BY name"};
  while (rows.executeStep()) {
    auto name = rows.getColumn(0).getString(), text = rows.getColumn(1).getString();
    if (!is_small_name(name)) return {errc::bad_config, "it has a file that no node keeps: " + shown(name)};
    if (auto put = put_small_file(name, text, data, keys); !put) return put;
  }
  return {};
}

outcome<> take_apart(const fs::path& file, const fs::path& data, const fs::path& keys) {
  auto beside = data / ".journal.new";
  if (auto made = make_empty(beside); !made) return made;
  SQLite::Database from{file.string(), SQLite::OPEN_READONLY, patience_ms};
  if (auto put = put_small_files(from, data, keys); !put)
    return {put.error().code, file.string() + ": " + put.error().text};
  {
    SQLite::Database into{beside.string(), SQLite::OPEN_READWRITE, patience_ms};
    SQLite::Backup{into, from}.executeStep(-1);
    into.exec("DROP TABLE backup_files");
  }
  if (auto given = give_to_owner_of(data, beside); !given) return given;
  return move_in_place(beside, data / journal_name); // last: without it nothing was restored
}

} // namespace

outcome<> make_backup(const fs::path& data, const fs::path& keys, const fs::path& file) {
  std::error_code problem;
  if (!fs::exists(data / journal_name, problem))
    return {errc::bad_config, data.string() + " has no journal: it is no node's directory"};
  if (!keys.empty() && !fs::exists(keys / "key.pem", problem))
    return {errc::bad_config, keys.string() + " is no node's key folder: there is no key.pem"};
  auto beside = file;
  beside += ".new";
  if (auto made = make_empty(beside); !made) return made;
  auto filled = [&]() -> outcome<> {
    try {
      return fill(data, keys, beside);
    } catch (const SQLite::Exception& thrown) {
      return of_sqlite(thrown, file);
    }
  }();
  if (filled) return move_in_place(beside, file);
  fs::remove(beside, problem);
  return filled;
}

outcome<> check_backup(const fs::path& file) {
  std::error_code problem;
  if (!fs::exists(file, problem))
    return {errc::bad_config, file.string() + " is no backup of hublink: there is no such file"};
  try {
    SQLite::Database from{file.string(), SQLite::OPEN_READONLY, patience_ms};
    if (from.tableExists("backup_files") && from.tableExists("transfers")) return {};
    return {errc::bad_config, file.string() + " is no backup of hublink"};
  } catch (const SQLite::Exception& thrown) {
    return {errc::bad_config, file.string() + " is no backup of hublink: " + thrown.what()};
  }
}

outcome<> restore_backup(const fs::path& file, const fs::path& data, const fs::path& keys) {
  std::error_code problem;
  if (fs::exists(data / journal_name, problem))
    return {errc::bad_config,
            data.string() + " has a journal; restore into another directory, or move it away"};
  if (!keys.empty() && fs::exists(keys / "key.pem", problem))
    return {errc::bad_config, keys.string() + " has a key; restore keys into another directory"};
  auto restored = [&]() -> outcome<> {
    try {
      return take_apart(file, data, keys);
    } catch (const SQLite::Exception& thrown) {
      return {errc::bad_config, file.string() + " is no backup of hublink: " + thrown.what()};
    }
  }();
  if (!restored) fs::remove(data / ".journal.new", problem);
  return restored;
}

} // namespace hublink
