#include "simulation/sim/sim_disk.hpp"

#include <algorithm>
#include <iterator>

namespace hublink::sim {

std::string partial_path(const std::string& target, const transfer_id& transfer, std::uint32_t generation) {
  return target + "." + transfer + "." + std::to_string(generation) + ".part";
}

void sim_disk::put(const std::string& path, bytes content) {
  auto file = make(path);
  file->content = std::move(content);
  sync(*file);
  sync_names();
}

void sim_disk::rewrite(const std::string& path, bytes content) {
  auto file = find(path);
  file->content = std::move(content);
  file->modified_ns = stamp();
  sync(*file);
}

std::optional<bytes> sim_disk::get(const std::string& path) const {
  if (auto file = find(path)) return file->content;
  return {};
}

std::vector<std::string> sim_disk::list() const {
  std::vector<std::string> all;
  for (const auto& [path, file] : now_) all.push_back(path);
  return all;
}

sim_disk::inode_ptr sim_disk::find(const std::string& path) const {
  auto found = now_.find(path);
  return found == now_.end() ? nullptr : found->second;
}

sim_disk::inode_ptr sim_disk::make(const std::string& path) {
  auto file = std::make_shared<inode>();
  file->made_as = path;
  file->modified_ns = stamp();
  change({.path = path, .from = {}, .what = file});
  return file;
}

void sim_disk::apply(directory& to, const name_op& op) {
  if (op.what)
    to[op.path] = op.what;
  else
    to.erase(op.path);
  if (auto old = to.find(op.from); old != to.end() && old->second == op.what) to.erase(old);
}

void sim_disk::change(name_op op) {
  apply(now_, op);
  unsynced_names_.push_back(std::move(op));
}

void sim_disk::sync(inode& file) {
  file.durable = file.content;
  file.unsynced.clear();
  // Metadata is journalled in order: making this name safe makes all earlier changes safe.
  auto made = std::find_if(unsynced_names_.rbegin(), unsynced_names_.rend(),
                           [&](const name_op& op) { return op.what.get() == &file && op.from.empty(); });
  if (made == unsynced_names_.rend()) return;
  std::for_each(unsynced_names_.begin(), made.base(), [&](const name_op& op) { apply(durable_, op); });
  unsynced_names_.erase(unsynced_names_.begin(), made.base());
}

void sim_disk::sync_names() {
  for (const auto& op : unsynced_names_) apply(durable_, op);
  unsynced_names_.clear();
}

void sim_disk::crash() {
  ++life_;
  orphans_.clear();
  targets_.clear();
  auto kept = std::ptrdiff_t(world_.below(unsynced_names_.size() + 1));
  std::for_each_n(unsynced_names_.begin(), kept, [&](const name_op& op) { apply(durable_, op); });
  unsynced_names_.clear();
  now_ = durable_;
  for (auto& [path, file] : now_) {
    for (const auto& op : file->unsynced) {
      if (world_.chance(500)) continue;
      file->durable.resize(std::max<std::size_t>(file->durable.size(), op.offset + op.data.size()));
      std::copy(op.data.begin(), op.data.end(), file->durable.begin() + std::ptrdiff_t(op.offset));
    }
    file->unsynced.clear();
    file->content = file->durable;
  }
}

outcome<> sim_disk::fault(const std::string& path) {
  auto code = std::exchange(next_fault, {});
  if (!code && world_.chance(faults.no_space)) code = errc::no_space;
  if (!code && world_.chance(faults.io_error)) code = errc::io_error;
  if (!code) return {};
  world_.note(node_, "disk fault " + std::string{to_string(*code)});
  return {*code, path + (code == errc::no_space ? ": no space left" : ": input/output error")};
}

duration sim_disk::sync_time() {
  using namespace std::chrono_literals;
  return world_.chance(slow) ? world_.between(10ms, 3s) : world_.between(10us, 3ms);
}

duration sim_disk::hanging_time(bool publishes) {
  using namespace std::chrono_literals;
  if (publishes && next_publication_hangs) return *std::exchange(next_publication_hangs, {});
  return world_.chance(hangs) ? world_.between(5s, 5min) : duration{};
}

bool sim_disk::lies_now() {
  if (!world_.chance(lies)) return false;
  world_.note(node_, "a sync that does nothing");
  has_lied_ = true;
  return true;
}

std::int64_t sim_disk::stamp() { return world_.now().count() + std::int64_t(++stamps_); }

} // namespace hublink::sim
