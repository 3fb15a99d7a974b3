#include "node/commands/program_words.hpp"

#include <string_view>

namespace hublink {

namespace {

/// `--only=10.2.0.0/16` has its value with it, a flag has none.
bool takes_next_word(const CLI::App& verb, std::string_view word) {
  if (word.find('=') != word.npos) return false;
  auto* option = verb.get_option_no_throw(std::string{word});
  return option && option->get_items_expected_min() > 0;
}

} // namespace

parted_words part_words(const CLI::App& verb, std::span<char*> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word{words[i]};
    if (word == "--") return {words.first(i), words.subspan(i + 1)};
    if (!word.starts_with('-') || word == "-") return {words.first(i), words.subspan(i)};
    if (takes_next_word(verb, word) && i + 1 < words.size()) ++i;
  }
  return {words, {}};
}

} // namespace hublink
