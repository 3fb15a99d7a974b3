#pragma once
/// Spans as OTLP/HTTP takes them: an ExportTraceServiceRequest in JSON. Pure.
#include "node/spans/span.hpp"

#include <string>
#include <vector>

namespace hublink {

/// Who has made the spans.
struct span_origin {
  std::string node, network, version;
};

std::string to_otlp_json(const span_origin& by, const std::vector<span>& spans);
/// So many of them were not taken, by what a collector answered with status 200.
std::uint64_t rejected_spans(const std::string& answer);

} // namespace hublink
