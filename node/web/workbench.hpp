#pragma once
/// What a manager keeps for those who draw its network: where things stand on the map, which is one for all,
/// and each user's draft of the topology. In `DIR/console`. One thread: it reads and writes there.
#include "protocol/base/errors.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace hublink {

class workbench {
 public:
  using json = nlohmann::ordered_json;

  static constexpr std::size_t most_places = 20'000, most_drafts = 64;
  static constexpr int farthest = 10'000'000;

  explicit workbench(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `{"places": {NAME: {"x": X, "y": Y}}}`.
  outcome<json> places() const;
  /// Takes those that `asked` has; null instead of a place: none is kept. `places` null: of none at all.
  outcome<json> keep_places(const json& asked);

  /// `{"version": N, "draft": {…}}`; version 0 and null: he has none.
  outcome<json> draft_of(const std::string& user) const;
  /// The new version. `asked` has the one that is replaced: fails with `superseded` if another is kept by
  /// now.
  outcome<json> keep_draft(const std::string& user, const json& asked);

 private:
  std::filesystem::path draft_file(const std::string& user) const;
  outcome<> write(const std::filesystem::path& file, const json& content) const;
  bool has_room(const std::string& user) const;

  const std::filesystem::path folder_;
};

} // namespace hublink
