#include "node/events/trace_file.hpp"
#include "node/base/time_text.hpp"
#include "node/base/unique_fd.hpp"
#include "node/control/request_json.hpp"
#include "node/events/gzip_member.hpp"
#include "node/events/segment_index.hpp"
#include "node/events/segment_name.hpp"
#include "protocol/base/json_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

constexpr std::size_t read_step = 1 << 20, longest_line = 64 << 10, most_in_member = 64 << 20;
constexpr std::int64_t clock_slack_ms = 86'400'000; ///< of who made the id, and of this node

/// What is wanted, and what was found of it.
class gathered_trace {
 public:
  gathered_trace(const transfer_id& transfer, std::size_t most)
      : transfer_(transfer), wanted_("\"transfer\":\"" + transfer + "\""), most_(most) {}

  bool is_full() const { return found.size() >= most_; }
  void take(std::string_view line) {
    if (is_full() || line.find(wanted_) == line.npos) return;
    auto event = read_json_object(line);
    if (event && field_text(*event, "transfer") == transfer_) found.push_back(std::move(*event));
  }
  /// Whole lines.
  void take_all(std::string_view lines) {
    while (!lines.empty() && !is_full()) {
      auto length = std::min(lines.find('\n'), lines.size());
      take(lines.substr(0, length));
      lines.remove_prefix(std::min(length + 1, lines.size()));
    }
  }

  json found = json::array();

 private:
  const transfer_id& transfer_;
  std::string wanted_;
  std::size_t most_;
};

std::string part_of(int file, std::uint64_t offset, std::size_t length) {
  std::string text(length, '\0');
  std::size_t got = 0;
  while (got < length) {
    auto count = ::pread(file, text.data() + got, length - got, off_t(offset + got));
    if (count <= 0) break;
    got += std::size_t(count);
  }
  text.resize(got);
  return text;
}

std::uint64_t length_of(int file) {
  struct stat found {};
  return ::fstat(file, &found) == 0 ? std::uint64_t(found.st_size) : 0;
}

std::optional<std::int64_t> time_of_line(std::string_view line) {
  constexpr std::string_view key = "\"time\":\"";
  auto found = line.find(key);
  if (found == line.npos) return {};
  auto time = parse_time(std::string{line.substr(found + key.size(), 19)} + "Z", 0);
  return time ? std::optional{*time} : std::nullopt;
}

/// By its first and its last line: was it written when that transfer can have been under way?
bool is_of_its_time(int file, const transfer_id& transfer) {
  auto size = length_of(file);
  auto id_ms = std::int64_t(time_of_id(transfer));
  auto begin = part_of(file, 0, longest_line);
  auto end = part_of(file, size > longest_line ? size - longest_line : 0, longest_line);
  while (!end.empty() && end.back() == '\n') end.pop_back();
  auto first = time_of_line(std::string_view{begin}.substr(0, begin.find('\n')));
  auto last = time_of_line(std::string_view{end}.substr(end.rfind('\n') + 1));
  if (!first || !last || id_ms == 0) return true;
  return *last >= id_ms - clock_slack_ms;
}

void read_from(int file, std::uint64_t offset, gathered_trace& into) {
  std::string rest;
  while (!into.is_full()) {
    auto more = part_of(file, offset, read_step);
    if (more.empty()) return into.take_all(rest);
    offset += more.size();
    rest += more;
    auto whole = rest.rfind('\n');
    if (whole == rest.npos) continue;
    into.take_all(std::string_view{rest}.substr(0, whole));
    rest.erase(0, whole + 1);
  }
}

/// One that is compressed and has no index.
void read_all_packed(const std::filesystem::path& file, gathered_trace& into) {
  auto* packed = ::gzopen(file.c_str(), "rbe");
  if (!packed) return;
  std::string line(longest_line, '\0');
  while (!into.is_full() && ::gzgets(packed, line.data(), int(line.size()))) into.take(line.c_str());
  ::gzclose(packed);
}

void read_plain(const std::filesystem::path& path, gathered_trace& into, const transfer_id& transfer) {
  auto index = segment_index::read(index_of(path));
  unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return;
  auto covered = index ? index->covered() : 0;
  if (covered > length_of(file.get())) covered = 0; // it was cut
  if (covered > 0)
    for (const auto& block : index->blocks_of(transfer))
      into.take_all(part_of(file.get(), block.offset, block.length));
  if (covered > 0 || is_of_its_time(file.get(), transfer)) read_from(file.get(), covered, into);
}

void read_packed(const std::filesystem::path& path, gathered_trace& into, const transfer_id& transfer) {
  auto head = segment_index::read_head(index_of(path));
  if (head && !head->may_have(time_of_id(transfer))) return;
  auto index = segment_index::read(index_of(path));
  if (!index || index->covered() == 0) return read_all_packed(path, into);
  unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return;
  for (const auto& block : index->blocks_of(transfer)) {
    auto packed = part_of(file.get(), block.offset, block.length);
    std::string_view member = packed;
    if (auto lines = from_gzip(member, most_in_member)) into.take_all(*lines);
  }
}

} // namespace

json read_trace(const std::filesystem::path& folder, const transfer_id& transfer, std::size_t most) {
  gathered_trace trace{transfer, most};
  for (const auto& name : segments_in(folder)) {
    if (trace.is_full()) break;
    auto path = folder / name.text();
    if (name.packed)
      read_packed(path, trace, transfer);
    else
      read_plain(path, trace, transfer);
  }
  return std::move(trace.found);
}

void number_times(json& events) {
  std::optional<double> first;
  for (auto& event : events) {
    auto text = field_text(event, "time");
    if (text.size() < 21 || !event.is_object()) continue;
    auto seconds = parse_time(text.substr(0, 19) + "Z", 0);
    if (!seconds) continue;
    auto ms = double(*seconds) + std::atof(("0" + text.substr(19)).c_str()) * 1000;
    if (!first) first = ms;
    event["since_ms"] = std::round((ms - *first) * 1000) / 1000;
  }
}

} // namespace hublink
