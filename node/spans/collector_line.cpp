#include "node/spans/collector_line.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace hublink {

namespace {

constexpr long longest_connect_ms = 5'000, longest_request_ms = 10'000;
constexpr std::size_t longest_answer = 64 << 10;

std::size_t keep_answer(char* data, std::size_t, std::size_t size, void* into) {
  auto& kept = *static_cast<std::string*>(into);
  kept.append(data, std::min(size, longest_answer - std::min(longest_answer, kept.size())));
  return size;
}

// No job inherits it.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* at) {
  return ::socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

} // namespace

outcome<std::unique_ptr<collector_line>> collector_line::make(const span_collector& to) {
  auto curl = curl_library::load();
  if (!curl) return curl.error();
  std::unique_ptr<collector_line> made{new collector_line(**curl)};
  if (auto fine = made->set_up(to); !fine) return fine.error();
  return made;
}

outcome<> collector_line::set_up(const span_collector& to) {
  all_ = curl_.multi_init();
  one_ = curl_.easy_init();
  auto code = all_ && one_ ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  const auto set = [&](CURLoption option, auto value) {
    if (code == CURLE_OK) code = curl_.easy_setopt(one_, option, value);
  };
  std::vector<std::string> lines{"Content-Type: application/json", "Expect:"};
  for (const auto& [name, text] : to.headers) lines.push_back(name + (text.empty() ? ";" : ": " + text));
  for (const auto& line : lines) headers_ = curl_.slist_append(headers_, line.c_str());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_URL, to.endpoint.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, ""); // what a shell's environment says is nothing to a node
  set(CURLOPT_USERAGENT, "hublink");
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_CONNECTTIMEOUT_MS, longest_connect_ms);
  set(CURLOPT_TIMEOUT_MS, longest_request_ms);
  set(CURLOPT_WRITEFUNCTION, &keep_answer);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&answer_));
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_QUICK_EXIT, 1L); // a resolver that hangs does not keep the node from ending
  if (!to.ca.empty()) set(CURLOPT_CAINFO, to.ca.c_str());
  if (code == CURLE_OK) return {};
  return {errc::bad_config,
          std::string{"\"traces\" in local.json can't be used: "} + curl_.easy_strerror(code)};
}

collector_line::~collector_line() {
  if (busy_) curl_.multi_remove_handle(all_, one_);
  if (one_) curl_.easy_cleanup(one_);
  if (all_) curl_.multi_cleanup(all_);
  curl_.slist_free_all(headers_);
}

void collector_line::post(std::string body) {
  body_ = std::move(body);
  answer_.clear();
  curl_.easy_setopt(one_, CURLOPT_POSTFIELDS, body_.data());
  curl_.easy_setopt(one_, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body_.size()));
  busy_ = curl_.multi_add_handle(all_, one_) == CURLM_OK;
}

std::optional<collector_answer> collector_line::work(std::chrono::milliseconds longest) {
  int running = 0;
  curl_.multi_perform(all_, &running);
  if (!busy_ || running > 0) {
    curl_.multi_poll(all_, nullptr, 0, int(longest.count()), nullptr);
    curl_.multi_perform(all_, &running);
  }
  int others = 0;
  auto* said = curl_.multi_info_read(all_, &others);
  if (!said || said->msg != CURLMSG_DONE) return {};
  const auto code = said->data.result;
  collector_answer answer;
  curl_.easy_getinfo(one_, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) {
    answer.status = 0;
    answer.why = curl_.easy_strerror(code);
  }
  answer.body = std::move(answer_);
  curl_.multi_remove_handle(all_, one_);
  busy_ = false;
  return answer;
}

void collector_line::wake() { curl_.multi_wakeup(all_); }

} // namespace hublink
