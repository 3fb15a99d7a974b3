#include "protocol/base/json_reader.hpp"

#include <unordered_set>

namespace hublink {

namespace {

/// What remains of the library's message without its own prefix and place.
std::string reason_of(const std::string& message) {
  auto begin = message.find("column ");
  begin = begin == message.npos ? message.find("] ") : message.find(": ", begin);
  return begin == message.npos ? message : message.substr(begin + 2);
}

/// Builds the document from what the parser says, which itself neither recurses nor keeps anything.
template <class Json>
class json_builder : public nlohmann::json_sax<Json> {
 public:
  using integer = typename Json::number_integer_t;
  using unsigned_integer = typename Json::number_unsigned_t;
  using floating = typename Json::number_float_t;
  using text = typename Json::string_t;
  using binary_text = typename Json::binary_t;

  explicit json_builder(const json_bounds& most) : most_(most) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(integer value) override { return put(value); }
  bool number_unsigned(unsigned_integer value) override { return put(value); }
  bool number_float(floating value, const text&) override { return put(value); }
  bool string(text& value) override { return put(std::move(value)); }
  bool binary(binary_text&) override { return refuse("holds bytes"); }
  bool start_object(std::size_t) override { return begin(Json::object()); }
  bool start_array(std::size_t) override { return begin(Json::array()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(text& value) override {
    auto& in = open_.back();
    in.key = std::move(value);
    return in.keys.insert(in.key).second || refuse("is there twice; keep one of them");
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& why) override {
    constexpr int no_syntax_error = 200; // such as a number out of range, which has no place
    fault_.malformed = true;
    if (why.id < no_syntax_error) fault_.byte = position;
    return refuse(reason_of(why.what()));
  }

  Json& document() { return root_; }
  const json_fault& fault() const { return fault_; }

 private:
  struct open_value {
    Json* value;
    text key{};                             ///< of the member that is read
    std::unordered_set<std::string> keys{}; ///< of an object
  };

  bool refuse(const std::string& what) {
    fault_.what = what;
    for (const auto& each : open_)
      if (each.value->is_object()) fault_.path.push_back(each.key);
    return false;
  }

  bool put(Json value) { return place(std::move(value)) != nullptr; }

  bool begin(Json value) {
    if (open_.size() >= most_.depth)
      return refuse("has more than " + std::to_string(most_.depth) + " objects and lists in each other");
    auto* placed = place(std::move(value));
    if (placed) open_.push_back({placed});
    return placed;
  }

  bool end() {
    open_.pop_back();
    return true;
  }

  /// Where it is now; null: it has no place.
  Json* place(Json value) {
    if (++values_ > most_.values) {
      refuse("has more than " + std::to_string(most_.values) + " values");
      return nullptr;
    }
    if (open_.empty()) return &(root_ = std::move(value));
    auto& in = open_.back();
    if (in.value->is_array()) {
      in.value->push_back(std::move(value));
      return &in.value->back();
    }
    auto& members = in.value->template get_ref<typename Json::object_t&>();
    // An ordered map looks through all members before it takes one: with many of them, for minutes.
    if constexpr (requires { members.emplace_back(in.key, std::move(value)); })
      return &members.emplace_back(in.key, std::move(value)).second;
    else
      return &members.emplace(in.key, std::move(value)).first->second;
  }

  json_bounds most_;
  Json root_;
  std::vector<open_value> open_; ///< outermost first
  std::size_t values_ = 0;
  json_fault fault_;
};

std::string to_text(const json_fault& fault) {
  if (fault.malformed) return fault.what;
  std::string where;
  for (const auto& key : fault.path) where += (where.empty() ? "" : ".") + key.substr(0, 40);
  return (where.empty() ? "it " : where + " ") + fault.what;
}

} // namespace

template <class Json>
std::variant<Json, json_fault> build_json(std::string_view text, const json_bounds& most) {
  if (text.size() > most.bytes)
    return json_fault{false, 0, {}, "has more than " + std::to_string(most.bytes) + " bytes"};
  json_builder<Json> builder{most};
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return builder.fault();
  return std::variant<Json, json_fault>{std::in_place_index<0>, std::move(builder.document())};
}

template std::variant<nlohmann::json, json_fault> build_json(std::string_view, const json_bounds&);
template std::variant<nlohmann::ordered_json, json_fault> build_json(std::string_view, const json_bounds&);

outcome<nlohmann::ordered_json> read_json(std::string_view text, const json_bounds& most) {
  auto built = build_json<nlohmann::ordered_json>(text, most);
  if (auto* fault = std::get_if<json_fault>(&built))
    return failure{errc::bad_message, {}, "no JSON within bounds: " + to_text(*fault)};
  return std::move(std::get<0>(built));
}

outcome<nlohmann::ordered_json> read_json_object(std::string_view text, const json_bounds& most) {
  auto found = read_json(text, most);
  if (found && !found->is_object()) return failure{errc::bad_message, {}, "JSON, but no object"};
  return found;
}

} // namespace hublink
