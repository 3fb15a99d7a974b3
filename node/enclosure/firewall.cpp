#include "node/enclosure/firewall.hpp"

#include <dlfcn.h>

#include <memory>

namespace hublink {

namespace {

constexpr auto library_name = "libnftables.so.1";

struct nft_library {
  void* (*context_new)(std::uint32_t flags);
  void (*context_free)(void*);
  int (*buffer_error)(void*);
  int (*buffer_output)(void*);
  const char* (*get_error)(void*);
  int (*run)(void*, const char*);

  /// False: it is not there.
  bool open() {
    auto* library = ::dlopen(library_name, RTLD_NOW);
    auto find = [&](auto& into, const char* name) {
      into = library ? reinterpret_cast<std::remove_reference_t<decltype(into)>>(::dlsym(library, name))
                     : nullptr;
      return into != nullptr;
    };
    return find(context_new, "nft_ctx_new") && find(context_free, "nft_ctx_free") &&
           find(buffer_error, "nft_ctx_buffer_error") && find(buffer_output, "nft_ctx_buffer_output") &&
           find(get_error, "nft_ctx_get_error_buffer") && find(run, "nft_run_cmd_from_buffer");
  }
};

std::string until_line_end(const std::string& text) { return text.substr(0, text.find('\n')); }

} // namespace

outcome<> set_packet_rules(const std::string& rules) {
  nft_library nft{};
  if (!nft.open())
    return {errc::bad_config, std::string{"there is no "} + library_name + "; install nftables"};
  std::unique_ptr<void, void (*)(void*)> context{nft.context_new(0), nft.context_free};
  nft.buffer_error(context.get());
  nft.buffer_output(context.get());
  if (nft.run(context.get(), rules.c_str()) == 0) return {};
  return {errc::bad_config, "nftables can't be used here: " + until_line_end(nft.get_error(context.get()))};
}

} // namespace hublink
