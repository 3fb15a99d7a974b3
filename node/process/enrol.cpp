#include "node/process/enrol.hpp"
#include "node/base/small_file.hpp"
#include "node/process/enrolment_call.hpp"
#include "protocol/trust/enrolment.hpp"

#include <thread>

#include <sys/stat.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_enrol_pause = 500ms, longest_enrol_pause = 10s;
constexpr mode_t own_folder_mode = 0700, own_key_mode = 0600, certificate_mode = 0644;

outcome<enrolled> ask_once(const dial_address& where, const bytes& request) {
  asio::io_context context;
  outcome<enrolled> result{errc::timed_out, "no answer"};
  enrolment_call::begin(context, where, request, {}, [&](const outcome<enrolled>& answer) {
    result = answer;
    context.stop();
  });
  context.run_for(enrolment_call::patience);
  return result;
}

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
    auto answer = ask_once(options.where, *request);
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
