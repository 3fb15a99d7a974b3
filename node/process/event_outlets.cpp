#include "node/process/event_outlets.hpp"
#include "node/base/version.hpp"
#include "node/process/needed.hpp"

namespace hublink {

event_outlets::event_outlets(const node_options& options) {
  if (!options.spans) return;
  span_origin by{options.self->node, options.self->network, std::string{version()}};
  spans = needed(
      span_exporter::make(*options.spans, std::move(by), [this](const char* result, std::uint64_t count) {
        counters.note_spans(result, count);
      }));
}

decltype(event_folder_config::noted) event_outlets::noted() {
  return [this](const transfer_id& transfer, const event::any& what, span::time at) {
    counters.note(transfer, what, event_counters::clock::now());
    if (spans) spans->note(transfer, what, at);
  };
}

} // namespace hublink
