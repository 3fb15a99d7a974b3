#include "actors/routing/host_entry.hpp"

namespace hublink {

namespace {

/// In a table from which it is dialled.
const dial_address* dialled_at(const definition& self, const std::string& name) {
  if (self.role != role::server && name == self.home) return &self.home_address;
  if (auto* client = self.find_client(name)) return &client->address;
  if (auto* next_to_us = self.find_neighbour(name)) return &next_to_us->address;
  if (auto* other = self.find_dialled(name)) return &other->address;
  return nullptr;
}

} // namespace

host_entry entry_of(const definition& self, const std::string& host) {
  host_entry made;
  const auto* in_table = dialled_at(self, host);
  const auto own = self.hosts.find(host);
  const auto* row = own == self.hosts.end() ? nullptr : &own->second;
  if (self.system_resolver) made.ask.push_back(host);
  // Beside the system's resolver a row of `hosts` is there for its name alone.
  if (self.system_resolver && (in_table || (row && !row->is_name()))) row = nullptr;
  if (!row) row = in_table;
  if (!row) return made;
  made.port = row->port == 0 && in_table ? in_table->port : row->port;
  made.address = row->known_address();
  if (row->is_name()) made.ask.push_back(row->name);
  return made;
}

std::optional<host_entry> where_to_dial(const definition& self, const std::string& name) {
  return dialled_at(self, name) ? std::optional{entry_of(self, name)} : std::nullopt;
}

std::vector<ip_address> answered(const host_entry& entry, const system_answers& answers) {
  for (const auto& name : entry.ask)
    if (auto found = answers.find(name); found != answers.end() && found->second && !found->second->empty())
      return *found->second;
  return {};
}

endpoints addresses_to_dial(const host_entry& entry, const system_answers& answers) {
  endpoints all;
  for (const auto& address : answered(entry, answers)) all.push_back({address, entry.port});
  if (all.empty() && entry.address) all.push_back({*entry.address, entry.port});
  return all;
}

failure unresolved(const definition& self, const std::string& host, const host_entry& entry,
                   const system_answers& answers) {
  auto text =
      host + ": searched the " + (entry.ask.empty() ? "host definitions of " + self.node : "system resolver");
  for (const auto& name : entry.ask)
    if (auto found = answers.find(name); found != answers.end() && !found->second)
      text = host + ": " + found->second.error().text;
  return {errc::line_down, self.node, text};
}

} // namespace hublink
