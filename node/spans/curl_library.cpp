#include "node/spans/curl_library.hpp"

#include <dlfcn.h>
#include <mutex>

namespace hublink {

namespace {

constexpr const char* library_name = "libcurl.so.4";

template <class Function>
bool find_function(void* in, const char* name, Function*& into) {
  into = reinterpret_cast<Function*>(::dlsym(in, name));
  return into != nullptr;
}

bool find_all(void* in, curl_library& into) {
  return find_function(in, "curl_global_init", into.global_init) &&
         find_function(in, "curl_easy_init", into.easy_init) &&
         find_function(in, "curl_easy_setopt", into.easy_setopt) &&
         find_function(in, "curl_easy_getinfo", into.easy_getinfo) &&
         find_function(in, "curl_easy_strerror", into.easy_strerror) &&
         find_function(in, "curl_easy_cleanup", into.easy_cleanup) &&
         find_function(in, "curl_slist_append", into.slist_append) &&
         find_function(in, "curl_slist_free_all", into.slist_free_all) &&
         find_function(in, "curl_multi_init", into.multi_init) &&
         find_function(in, "curl_multi_add_handle", into.multi_add_handle) &&
         find_function(in, "curl_multi_remove_handle", into.multi_remove_handle) &&
         find_function(in, "curl_multi_perform", into.multi_perform) &&
         find_function(in, "curl_multi_poll", into.multi_poll) &&
         find_function(in, "curl_multi_wakeup", into.multi_wakeup) &&
         find_function(in, "curl_multi_info_read", into.multi_info_read) &&
         find_function(in, "curl_multi_cleanup", into.multi_cleanup);
}

} // namespace

outcome<const curl_library*> curl_library::load() {
  static std::mutex lock;
  static curl_library loaded;
  std::lock_guard guard{lock};
  if (loaded.global_init) return &loaded;
  const failure missing{
      errc::bad_config,
      {},
      std::string{"\"traces\" in local.json needs libcurl, of Debian's package libcurl4 ("} + library_name +
          ")"};
  auto* handle = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return missing;
  curl_library found;
  if (!find_all(handle, found) || found.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    ::dlclose(handle);
    return missing;
  }
  loaded = found;
  return &loaded;
}

} // namespace hublink
