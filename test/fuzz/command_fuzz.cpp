// A line of a command or an answer, of any verb: what fits its shape can be shown by everybody who shows it.
#include "node/base/json_text.hpp"
#include "node/commands/event_text.hpp"
#include "node/commands/progress_line.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/verbs.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/base/utf8.hpp"

#include <cstdlib>
#include <sstream>

using namespace hublink;

namespace {

void show(const nlohmann::ordered_json& answer) {
  std::ostringstream out;
  progress_line progress{out, false};
  for (auto* list : {"events", "trace"})
    for (const auto& event : field_list(answer, list)) out << shown_text(event_text(event));
  for (const auto& row : field_list(answer, "transfers")) progress.show(row);
  progress.show(field_object(answer, "record"));
  auto line = to_line(answer);
  if (shown_text(line) != line) std::abort();
  auto again = read_json_object(line, {.bytes = line.size()});
  if (!again || to_line(*again) != line) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto which = data[0] % (verbs().size() + 1);
  const auto shape = which == verbs().size() ? json_shape{answers::fetch} : verbs()[which].answer;
  std::string_view line{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (auto answer = read_answer(line, shape, "EVIL", false)) {
    show(*answer);
    if (auto why = failure_in(*answer, "EVIL"); why && to_string(*why).empty()) std::abort();
  }
  if (auto request = read_json_object(line); request && fits_request(*request))
    for (const auto& file : field_list(*request, "only_files"))
      if (!file.is_string()) std::abort();
  return 0;
}
