#include "node/requests/audit_entry.hpp"
#include "actors/transfer/transfer_record.hpp"
#include "node/base/json_text.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/base/utf8.hpp"

#include <mutex>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t longest_word = 255;

std::string word(const json& of, const char* key) {
  return make_printable(field_text(of, key), longest_word);
}

/// Lives as long as who may answer.
class audit_entry {
 public:
  audit_entry(accounts& users, audit_number number) : users_(users), number_(std::move(number)) {}
  ~audit_entry() {
    if (!concluded_) conclude("cancelled");
  }
  audit_entry(const audit_entry&) = delete;

  /// The line as it goes on.
  std::string take(std::string line, bool last) {
    auto read = read_json_object(line);
    auto answer = read ? std::move(*read) : json{};
    std::lock_guard guard{lock_};
    for (auto part : {"record", "stored", "about"}) learn(field_object(answer, part));
    if (answer.is_object() && answer.erase("about") > 0) line = to_line(answer);
    if (last && !std::exchange(concluded_, true)) conclude(result_of(answer));
    return line;
  }

 private:
  void learn(const json& about) {
    if (auto transfer = word(about, "transfer"); is_transfer_id(transfer)) transfer_ = transfer;
    if (auto file = word(about, "file"); !file.empty()) file_ = file;
  }

  static std::string result_of(const json& answer) {
    if (!answer.is_object()) return std::string{to_string(errc::bad_message)};
    if (auto* why = find_field(answer, "error"))
      return std::string{to_string(errc_from_string(field_text(*why, "code")))};
    auto state = field_text(field_object(answer, "record"), "state");
    bool over = field_number(answer, "exit") != 0u;
    return over && transfer_state_from_string(state) ? state : "ok";
  }

  void conclude(const std::string& result) {
    users_.work([number = number_, result, transfer = transfer_, file = file_](account_store& store) {
      store.conclude(*number, result, transfer, file);
    });
  }

  accounts& users_;
  const audit_number number_;
  std::mutex lock_;
  std::string transfer_, file_;
  bool concluded_ = false;
};

} // namespace

audit_row audit_row_of(const commander& by, const json& request, std::int64_t now_ms) {
  auto file = word(request, "file"), user = word(request, "user"), transfer = word(request, "transfer");
  return {.time_ms = now_ms,
          .from = by.from,
          .user = by.user,
          .command = word(request, "verb"),
          .detail = file.empty() ? user : file,
          .transfer = transfer,
          .file = file,
          .result = "begun"};
}

audit_number note_begun(accounts& users, audit_row row) {
  auto number = std::make_shared<std::int64_t>(0);
  users.work([number, row = std::move(row)](account_store& store) { *number = store.note(row); });
  return number;
}

control_reply audited(accounts& users, audit_number number, control_reply reply) {
  return [entry = std::make_shared<audit_entry>(users, std::move(number)), reply = std::move(reply)](
             std::string line, bool last) { reply(entry->take(std::move(line), last), last); };
}

} // namespace hublink
