#include "protocol/circuit/owner_questions.hpp"

#include <array>

namespace hublink {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<consult_owner>> question_names{
    "source",  "offer",  "publishing", "published", "all_sent",    "job_ended",
    "request", "answer", "safe",       "receivers", "load_onward", "lines"};
constexpr std::array<std::string_view, std::variant_size_v<verdict>> decision_names{
    "go_on", "refuse", "working", "generation", "welcome", "already_done", "job_ended", "served", "lines"};

} // namespace

bool wants_answer(const consult_owner& asked) {
  return !std::holds_alternative<question::safe>(asked) &&
         !std::holds_alternative<question::receivers>(asked) &&
         !std::holds_alternative<question::lines>(asked);
}

std::string_view name_of(const consult_owner& asked) { return question_names[asked.index()]; }

failure unfit(const consult_owner& asked) {
  return {errc::failed, {}, "the end of this circuit must not ask \"" + std::string{name_of(asked)} + '"'};
}

failure unfit(const verdict& answer) {
  auto name = std::string{decision_names[answer.index()]};
  return {errc::failed, {}, "the owner's answer \"" + name + "\" is to another question"};
}

} // namespace hublink
