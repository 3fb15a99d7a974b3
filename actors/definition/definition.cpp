#include "actors/definition/definition.hpp"

#include <algorithm>

namespace hublink {

namespace {

// The compiler writes rows in the order of their names; any other order costs a look at all of them.
template <class Rows>
auto find_name(const Rows& rows, const std::string& name) -> decltype(rows.data()) {
  auto likely = std::lower_bound(rows.begin(), rows.end(), name,
                                 [](const auto& row, const auto& wanted) { return row.name < wanted; });
  if (likely != rows.end() && likely->name == name) return &*likely;
  auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

} // namespace

const neighbour* definition::find_neighbour(const std::string& name) const {
  return find_name(neighbours, name);
}
const registered_client* definition::find_client(const std::string& name) const {
  return find_name(clients, name);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace hublink
