#include "actors/ports/event_log.hpp"
#include "support/catch.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

using namespace hublink;

namespace {

using field_names = std::vector<std::string>; ///< as the manual has them: `?` behind those that may be absent

/// The rows of the manual's table of events: name → fields.
std::map<std::string, field_names> in_the_manual() {
  std::ifstream file(HUBLINK_SOURCE_DIR "/docs/reference/events.md");
  std::string page{std::istreambuf_iterator<char>(file), {}};
  auto chapter = page.substr(page.find("\n## All of them\n"));
  chapter.erase(chapter.find("\n## ", 1));
  std::map<std::string, field_names> rows;
  const std::regex row{R"(\n\| (`[^|]*`) \| ([^|]*) \|)"}, name{R"(`(\w+)`)"}, field{R"(`(\w+)`(\??))"},
      remark{R"(\([^)]*\))"};
  using matches = std::sregex_iterator;
  for (matches found{chapter.begin(), chapter.end(), row}, end; found != end; ++found) {
    auto events = found->str(1), cell = std::regex_replace(found->str(2), remark, "");
    field_names fields;
    for (matches each{cell.begin(), cell.end(), field}; each != end; ++each)
      fields.push_back(each->str(1) + each->str(2));
    for (matches each{events.begin(), events.end(), name}; each != end; ++each) rows[each->str(1)] = fields;
  }
  return rows;
}

struct collecting {
  field_names& into;

  void operator()(std::string name, const auto&) const { into.push_back(std::move(name)); }
  template <class Value>
  void operator()(std::string name, const std::optional<Value>&) const {
    into.push_back(std::move(name) + "?");
  }
  void operator()(std::string name, const std::vector<std::string>&) const {
    into.push_back(std::move(name) + "?");
  }
};

template <class... Event>
std::map<std::string, field_names> in_the_code(std::type_identity<std::variant<Event...>>) {
  std::map<std::string, field_names> rows;
  (Event{}.fields(collecting{rows[std::string{Event::name}]}), ...);
  return rows;
}

} // namespace

TEST_CASE("the manual has every event with its fields, and no other") {
  auto rows = in_the_code(std::type_identity<event::any>{});
  CHECK(rows.size() == event::names.size());
  CHECK(rows == in_the_manual());
}
