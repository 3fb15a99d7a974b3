#include "node/requests/local_request.hpp"

namespace hublink {

void local_request::serve() {
  limit_ = limit();
  // Its home server has looked, too: a client does not rely on it.
  if (auto file = text("file"); !file.empty() && !may_touch(file)) return fail_as_limited({}, file);
  serve_(*this);
}

local_request::behavior_type local_request::behavior() {
  return {[this](const transfer_record& record) { follow(record); },
          [this](const command_reply& reply) { finish_with_text(reply.line); }};
}

void local_request::fail_as_limited(const std::string& transfer, const std::string& file) {
  auto line =
      failed_answer({errc::not_authorised, here(), "the account is limited to other transfers"}, here());
  line["about"] = {{"transfer", transfer}, {"file", file}};
  finish(std::move(line));
}

void local_request::follow(const transfer_record& record) {
  json line{{"record", to_json(record)}};
  if (!is_final(record.state)) return show(line);
  line["exit"] = exit_code(record);
  finish(std::move(line));
}

} // namespace hublink
