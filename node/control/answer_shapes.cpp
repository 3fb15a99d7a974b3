#include "node/control/answer_shapes.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

/// What every answer may have.
constexpr std::array error_fields{json_field{"code", json_kind::text}, json_field{"hop", json_kind::text},
                                  json_field{"reason", json_kind::text}};
constexpr std::array missing_row{json_field{"node", json_kind::text, true},
                                 json_field{"reason", json_kind::text}};
constexpr std::array any_answer{json_field{"exit", json_kind::number, false, {}, 255},
                                json_field{"error", json_kind::object, false, error_fields},
                                json_field{"missing", json_kind::rows, false, missing_row}};

} // namespace

outcome<> fits_answer(const nlohmann::ordered_json& line, json_shape answer) {
  if (auto fine = fits(line, any_answer); !fine) return fine;
  if (line.contains("error")) return {};
  return fits(line, answer);
}

outcome<nlohmann::ordered_json> read_answer(std::string_view line, json_shape answer, const std::string& node,
                                            bool last) {
  auto read = read_json_object(line);
  auto fine = read ? fits_answer(*read, answer) : outcome<>{read.error()};
  if (fine && last && !read->contains("exit"))
    fine = failure{errc::bad_message, {}, "it does not say how the command ended"};
  if (fine) return read;
  return failure{errc::bad_message, node, "an answer that can't be read: " + fine.error().text};
}

} // namespace hublink
