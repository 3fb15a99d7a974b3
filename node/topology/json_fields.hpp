#pragma once
/// Reading a JSON object field by field, with every problem noted where it is. Included by sources only.
#include "node/topology/topology.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <utility>

namespace hublink {

/// One JSON object. Getters answer nothing if the field is absent or wrong; what is wrong has been noted.
class json_fields {
 public:
  /// Notes it if `value` is no object; all fields are absent then.
  json_fields(const nlohmann::json& value, std::string path, problems& found);

  const nlohmann::json* get(const std::string& key);
  std::optional<std::string> text(const std::string& key);
  std::optional<std::string> name(const std::string& key); ///< text that `is_name`
  std::optional<int> number(const std::string& key, int least, int most);
  /// A number of seconds, which may have a fraction, as milliseconds.
  std::optional<int> milliseconds(const std::string& key, int least, int most);
  /// A plain number of bytes, or a text such as "64MB".
  std::optional<std::uint64_t> byte_amount(const std::string& key, std::uint64_t least, std::uint64_t most);
  /// Bytes per second, or a text such as "20MB/s".
  std::optional<std::uint64_t> byte_rate(const std::string& key);
  std::optional<bool> flag(const std::string& key);
  std::vector<std::string> name_list(const std::string& key);

  /// Text that `T::parse` reads. `what`: as in "is no IP network such as 127.1.1.0/24".
  template <class T>
  std::optional<T> value(const std::string& key, const std::string& what) {
    auto written = text(key);
    if (!written) return {};
    auto result = T::parse(*written);
    if (!result) note(key, "\"" + shown(*written) + "\" is no " + what);
    return result;
  }

  /// One such text, or a list of them.
  template <class T>
  std::vector<T> values(const std::string& key, const std::string& what) {
    std::vector<T> all;
    each_text(key, "an " + what, [&](const std::string& written, const std::string& at) {
      if (auto one = T::parse(written))
        all.push_back(*one);
      else
        note(at, "\"" + shown(written) + "\" is no " + what);
    });
    return all;
  }
  /// Calls for a text, or each of a list of them, with its own key.
  void each_text(const std::string& key, const std::string& what,
                 const std::function<void(const std::string& written, const std::string& at)>& call);

  template <class T>
  using choices = std::vector<std::pair<const char*, T>>; ///< what is written, and what it means

  template <class T>
  std::optional<T> choice(const std::string& key, const choices<T>& known) {
    auto written = text(key);
    if (!written) return {};
    std::string names;
    for (const auto& [name, meaning] : known) {
      if (*written == name) return meaning;
      names += std::string{names.empty() ? "" : " or "} + "\"" + name + "\"";
    }
    note(key, "\"" + shown(*written) + "\" is not known here; write " + names);
    return {};
  }

  /// Calls for every member whose key is a name, and notes the others; all members count as known.
  void each_name(const std::function<void(const std::string& name, const nlohmann::json& value,
                                          const std::string& path)>& call);
  /// An object in this one; `call` is not made if it is absent or no object.
  void object(const std::string& key, const std::function<void(json_fields&)>& call);

  /// Notes that a field is missing unless it is there.
  void require(const std::string& key, const std::string& how);
  void note(const std::string& key, std::string message);
  std::string path_of(const std::string& key) const {
    return path_.empty() ? shown(key) : path_ + "." + shown(key);
  }
  /// Notes every field that nobody asked for, with the known name nearest to it.
  void finish();

 private:
  using parser = std::optional<std::uint64_t> (*)(std::string_view);
  std::optional<std::uint64_t> amount(const std::string& key, parser parse, std::uint64_t least,
                                      std::uint64_t most, const std::string& what);
  static const nlohmann::json& no_fields();

  const nlohmann::json& value_;
  std::string path_;
  problems& found_;
  std::vector<std::string> known_;
  bool all_known_ = false;
};

} // namespace hublink
