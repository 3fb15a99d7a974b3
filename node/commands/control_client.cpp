#include "node/commands/control_client.hpp"
#include "node/base/json_text.hpp"
#include "node/base/nearest_name.hpp"
#include "node/base/printing.hpp"
#include "node/commands/known_files.hpp"
#include "node/control/control_path.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"

#include <asio.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;
using asio::local::stream_protocol;

void add_data_option(CLI::App& verb, std::string& data) {
  verb.add_option("--data", data, "the node's directory")
      ->envname("HUBLINK_DATA")
      ->required()
      ->type_name("DIR");
}

void add_user_option(CLI::App& verb, std::string& user) {
  verb.add_option("--user", user, "at a manager: by whose sessions, where several users are logged in")
      ->envname("HUBLINK_USER")
      ->type_name("NAME");
}

namespace {

constexpr std::chrono::milliseconds hint_limit{1000}; ///< a hint is not worth a longer wait
/// Of all nodes' answers together.
constexpr json_bounds answer_bounds{.bytes = std::size_t(1) << 30, .depth = 24, .values = 100'000'000};

/// Reads lines until one says how it ended.
class conversation {
 public:
  conversation(asio::io_context& context, const control_call& call) : socket_(context), call_(call) {}

  outcome<> begin(const json& request) {
    control_path where{call_.data};
    std::error_code error;
    socket_.connect({where.address}, error);
    if (error)
      return {errc::hop_down,
              "no node runs in " + call_.data + " (" + error.message() + "); start it with hublink run"};
    auto line = to_line(request) + "\n";
    asio::write(socket_, asio::buffer(line), error);
    read();
    return {};
  }

  outcome<json> result{errc::timed_out, "still waiting when the time was over; what was begun goes on"};

 private:
  void read() {
    asio::async_read_until(
        socket_, asio::dynamic_buffer(input_), '\n', [this](std::error_code error, std::size_t length) {
          if (error) {
            result = failure{errc::cut, {}, "the node in " + call_.data + " stopped before it answered"};
            return;
          }
          auto line = read_json_object(std::string_view{input_}.substr(0, length), answer_bounds);
          input_.erase(0, length);
          if (!line || line->contains("exit")) {
            result = std::move(line);
            return;
          }
          call_.on_line(*line);
          read();
        });
  }

  stream_protocol::socket socket_;
  const control_call& call_;
  std::string input_;
};

} // namespace

outcome<json> call_node(const control_call& call, const json& request) {
  asio::io_context context;
  conversation talk{context, call};
  auto whole = request;
  if (!call.user.empty()) whole["user"] = call.user;
  if (auto begun = talk.begin(whole); !begun) return begun.error();
  if (call.timeout)
    context.run_for(*call.timeout);
  else
    context.run();
  return talk.result;
}

namespace {

/// `; did you mean FILE01?`, or which there are; empty where nothing can be said.
std::string nearest_file(const control_call& call, const std::string& file) {
  auto known = ask_known_files({.data = call.data, .timeout = hint_limit});
  if (!known || file.empty()) return {};
  std::vector<std::string_view> names;
  std::string some;
  for (const auto& each : *known) {
    names.push_back(each.file);
    if (names.size() <= 5) some += (some.empty() ? "" : ", ") + each.file;
  }
  if (std::ranges::find(names, file) != names.end()) return {}; // known here; somebody else does not know it
  if (auto nearest = nearest_name(file, names)) return "; did you mean " + std::string{*nearest} + "?";
  return some.empty() ? some : "; known here: " + some + (names.size() > 5 ? ", … (hublink files)" : "");
}

} // namespace

int run_call(const control_call& call, const json& request, const std::function<void(const json&)>& show) {
  auto answer = call_node(call, request);
  if (!answer) {
    print(std::cerr, "hublink: {}\n", to_string(answer.error()));
    return answer.error().code == errc::timed_out ? 3 : exit_code(answer.error().code);
  }
  if (auto* why = find_field(*answer, "error")) {
    print(std::cerr, "hublink: {}{}\n",
          to_string(failure{errc::failed, field_text(*why, "hop"), field_text(*why, "reason")}),
          field_text(*why, "code") == "unknown-file" ? nearest_file(call, field_text(request, "file")) : "");
  } else {
    show(*answer);
    warn_of_missing(*answer);
  }
  return static_cast<int>(field_number(*answer, "exit").value_or(1));
}

void warn_of_missing(const json& answer) {
  for (const auto& node : field_list(answer, "missing"))
    print(std::cerr, "hublink: nothing from {}: {}\n", field_text(node, "node"),
          field_text(node, "reason", "no session"));
}

} // namespace hublink
