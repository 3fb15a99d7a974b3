/// Both sides of a login read what the other says: nothing but the right proof is one.
#include "protocol/trust/scram.hpp"

#include <cstdlib>

using namespace hublink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const scram::key salted{std::byte{7}};
  const auto keys = scram::make_verifier({}, salted);
  scram::client asking{"op", std::string(16, 'c'), {}};
  if (auto how = asking.read_first(text); how && (how->cost.passes > 8 || how->cost.memory_kib > 262'144))
    std::abort();
  scram::server answering{*scram::greeting::read(asking.first()), keys, std::string(16, 's'), {}};
  if (!asking.read_first(answering.first())) std::abort();
  const auto right = asking.final(salted);
  const auto last = answering.prove(right);
  if (!last || !asking.check(*last)) std::abort();
  if (asking.check(text) && text != *last) std::abort();
  if (answering.prove(text) && text != right) std::abort();
  if (auto from = scram::greeting::read(text); from && (from->user.empty() || from->user.size() > 64))
    std::abort();
  (void)scram::verifier_of_hash(text);
  return 0;
}
