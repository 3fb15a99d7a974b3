#include "node/requests/local_request.hpp"

namespace hublink {

void local_request::serve() {
  only_files_ = only_files();
  serve_(*this);
}

local_request::behavior_type local_request::behavior() {
  return {[this](const transfer_record& record) { follow(record); },
          [this](const command_reply& reply) { finish_with_text(reply.line); }};
}

void local_request::fail_as_limited() {
  fail({errc::not_authorised, here(), "the account is limited to other transfers"});
}

void local_request::follow(const transfer_record& record) {
  json line{{"record", to_json(record)}};
  if (!is_final(record.state)) return show(line);
  line["exit"] = exit_code(record);
  finish(std::move(line));
}

} // namespace hublink
