#include "node/process/enrol.hpp"
#include "node/base/small_file.hpp"
#include "node/socket/connect.hpp"
#include "protocol/trust/enrolment.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <thread>

#include <sys/stat.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_enrol_pause = 500ms, longest_enrol_pause = 10s;
constexpr std::chrono::seconds enrol_patience{40}; // a server lets a manager take half of that
constexpr mode_t own_folder_mode = 0700, own_key_mode = 0600, certificate_mode = 0644;

/// One request and its answer.
class enrolment_call {
 public:
  explicit enrolment_call(const dial_address& where) : where_(where) {}

  outcome<enrolled> ask(byte_view request) {
    auto places = look_up();
    if (!places) return places.error();
    out_ = frame_enrolment(request);
    connect_plainly(context_, *places, {}, [this](dialled got) {
      if (!got.socket) {
        result_ = failure{errc::hop_down, {}, "can't reach " + to_string(where_) + ": " + got.text};
        return;
      }
      socket_ = got.socket;
      write();
    });
    context_.run_for(enrol_patience);
    if (socket_) {
      std::error_code ignored;
      socket_->close(ignored);
    }
    return std::move(result_);
  }

 private:
  outcome<endpoints> look_up() {
    if (auto known = where_.known_endpoint()) return endpoints{*known};
    asio::ip::tcp::resolver resolver{context_};
    std::error_code error;
    auto found = resolver.resolve(where_.name, std::to_string(where_.port), error);
    if (error) return {errc::hop_down, where_.name + " can't be looked up: " + error.message()};
    endpoints all;
    for (const auto& each : found) all.push_back(from_asio(each.endpoint()));
    return all;
  }

  void write() {
    asio::async_write(*socket_, asio::buffer(out_),
                      [this](std::error_code error, std::size_t) { error ? broken(error) : read_head(); });
  }

  void read_head() {
    asio::async_read(*socket_, asio::buffer(head_), [this](std::error_code error, std::size_t) {
      if (error) return broken(error);
      auto size = read_answer_head(head_);
      if (!size) {
        result_ = failure{
            errc::bad_message, {}, to_string(where_) + " answers what is no answer: is it a hublink server?"};
        return;
      }
      body_.resize(*size);
      read_body();
    });
  }

  void read_body() {
    asio::async_read(*socket_, asio::buffer(body_), [this](std::error_code error, std::size_t) {
      if (error) return broken(error);
      result_ = read_enrolment_answer(body_);
    });
  }

  void broken(std::error_code error) {
    result_ = failure{errc::cut,
                      {},
                      to_string(where_) + " hung up (" + error.message() +
                          "): it is no server, or an earlier version, or was asked too often"};
  }

  const dial_address& where_;
  asio::io_context context_;
  std::shared_ptr<tcp::socket> socket_;
  bytes out_, body_;
  std::array<std::byte, enrolment_answer_head_size> head_{};
  outcome<enrolled> result_{errc::timed_out, "no answer"};
};

bool may_pass(errc code) {
  return code == errc::busy || code == errc::timed_out || code == errc::hop_down || code == errc::line_down ||
         code == errc::cut;
}

outcome<> keep_enrolled(const fs::path& folder, const enrolled& what) {
  // The certificate last: with it all is there.
  for (const auto& [name, text] : {std::pair{"ca.pem", &what.ca}, std::pair{"crl.pem", &what.list},
                                   std::pair{"cert.pem", &what.certificate}})
    if (auto written = write_small_file(folder / name, *text, certificate_mode); !written) return written;
  return {};
}

} // namespace

bool is_enrolled(const fs::path& keys) {
  std::error_code ignored;
  return fs::exists(keys / "cert.pem", ignored);
}

outcome<secret> own_key(const fs::path& keys) {
  std::error_code problem;
  if (keys.has_parent_path()) fs::create_directories(keys.parent_path(), problem);
  if (!problem && ::mkdir(keys.c_str(), own_folder_mode) != 0 && errno != EEXIST)
    problem = std::error_code(errno, std::generic_category());
  if (problem) return {errc::bad_config, keys.string() + " can't be made: " + problem.message()};
  auto file = keys / "key.pem";
  if (fs::exists(file, problem)) return read_secret_file(file);
  auto made = make_private_key();
  if (made.empty()) return {errc::failed, "there are no random numbers"};
  std::string text{made.view()};
  auto written = write_small_file(file, text, own_key_mode);
  wipe(text);
  if (!written) return written.error();
  return made;
}

outcome<> enrol_node(const enrol_options& options) {
  auto key = own_key(options.keys);
  if (!key) return key.error();
  auto request = make_signing_request(options.node, key->view(), options.code);
  if (!request) return request.error();
  std::string told;
  for (auto pause = first_enrol_pause;; pause = std::min(2 * pause, longest_enrol_pause)) {
    auto answer = enrolment_call{options.where}.ask(*request);
    if (answer) {
      auto good =
          check_enrolled(*answer, options.code, options.node, key->view(), std::chrono::system_clock::now());
      return good ? keep_enrolled(options.keys, *answer) : good;
    }
    if (!may_pass(answer.error().code)) return answer.error();
    if (std::exchange(told, answer.error().text) != answer.error().text) options.waits(answer.error());
    std::this_thread::sleep_for(pause);
  }
}

} // namespace hublink
