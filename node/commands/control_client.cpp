#include "node/commands/control_client.hpp"
#include "node/control/control_path.hpp"

#include <asio.hpp>
#include <nlohmann/json.hpp>

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

namespace {

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
    auto line = request.dump() + "\n";
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
          auto line = json::parse(input_.substr(0, length), nullptr, false);
          input_.erase(0, length);
          if (line.contains("exit")) {
            result = std::move(line);
            return;
          }
          call_.on_line(line);
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
  if (auto begun = talk.begin(request); !begun) return begun.error();
  if (call.timeout)
    context.run_for(*call.timeout);
  else
    context.run();
  return talk.result;
}

int run_call(const control_call& call, const json& request, const std::function<void(const json&)>& show) {
  auto answer = call_node(call, request);
  if (!answer) {
    std::cerr << "hublink: " << to_string(answer.error()) << "\n";
    return answer.error().code == errc::timed_out ? 3 : exit_code(answer.error().code);
  }
  if (answer->contains("error")) {
    const auto& why = (*answer)["error"];
    std::cerr << "hublink: "
              << to_string(failure{errc::failed, why.value("hop", std::string{}),
                                   why.value("reason", std::string{})})
              << "\n";
  } else {
    show(*answer);
    for (const auto& node : answer->value("missing", json::array()))
      std::cerr << "hublink: nothing from " << node.value("node", "") << ": "
                << node.value("reason", "no session") << "\n";
  }
  return answer->value("exit", 1);
}

} // namespace hublink
