#include "child_environment.hpp"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace hublink::wrap {

namespace {

constexpr char prefix[] = "HUBLINK_WRAP_";
constexpr char preload[] = "LD_PRELOAD=";
constexpr std::size_t prefix_size = sizeof prefix - 1, preload_size = sizeof preload - 1;
constexpr int most_kept = 32;

char* kept[most_kept + 1]; ///< HUBLINK_WRAP_..., as at the beginning; null at the end
char library[4096];        ///< path
bool is_kept;

bool is_ours(const char* entry) { return std::strncmp(entry, prefix, prefix_size) == 0; }
bool is_preload(const char* entry) { return std::strncmp(entry, preload, preload_size) == 0; }

/// `libraries`: paths with blanks or colons between them.
bool names_library(const char* libraries) {
  auto size = std::strlen(library);
  for (auto* at = libraries; *at;) {
    auto length = std::strcspn(at, " :");
    if (length == size && std::memcmp(at, library, size) == 0) return true;
    at += length + (at[length] != 0);
  }
  return false;
}

bool has(char* const* environment, const char* wanted) {
  for (auto* entry = environment; *entry; ++entry)
    if (std::strcmp(*entry, wanted) == 0) return true;
  return false;
}

bool is_complete(char* const* environment) {
  if (!environment) return false;
  bool preloaded = false;
  for (auto* entry = environment; *entry; ++entry) {
    if (is_preload(*entry)) preloaded = names_library(*entry + preload_size);
    if (is_ours(*entry) && !has(kept, *entry)) return false;
  }
  for (auto* entry = kept; *entry; ++entry)
    if (!has(environment, *entry)) return false;
  return preloaded;
}

void keep_what_is_told() {
  Dl_info own;
  if (::dladdr(reinterpret_cast<const void*>(&keep_what_is_told), &own) != 0 &&
      std::strlen(own.dli_fname) < sizeof library)
    std::strcpy(library, own.dli_fname);
  int count = 0;
  for (auto* entry = ::environ; entry && *entry && count < most_kept; ++entry)
    if (is_ours(*entry)) kept[count++] = ::strdup(*entry);
  kept[count] = nullptr;
  is_kept = true;
}

// Constructors of the program's own libraries may come before, and begin others.
[[gnu::constructor]] void keep_at_the_beginning() {
  if (!is_kept) keep_what_is_told();
}

} // namespace

const char* own_path() {
  keep_at_the_beginning();
  return library;
}

const char* told(const char* name) {
  keep_at_the_beginning();
  auto size = std::strlen(name);
  for (auto* entry = kept; *entry; ++entry)
    if (std::strncmp(*entry + prefix_size, name, size) == 0 && (*entry)[prefix_size + size] == '=')
      return *entry + prefix_size + size + 1;
  return nullptr;
}

environment_room room_for(char* const* environment) {
  keep_at_the_beginning();
  if (is_complete(environment)) return {0, 0};
  std::size_t entries = most_kept + 2, text = preload_size + std::strlen(library) + 1;
  for (auto* entry = environment; entry && *entry; ++entry) {
    ++entries;
    if (is_preload(*entry)) text += std::strlen(*entry) + 1;
  }
  return {entries * sizeof(char*), text};
}

char* const* complete(char* const* environment, const environment_room& room, void* entries, void* text) {
  if (room.entries == 0) return environment;
  auto** next = static_cast<char**>(entries);
  auto* libraries = std::strcat(std::strcpy(static_cast<char*>(text), preload), library);
  for (auto* entry = environment; entry && *entry; ++entry) {
    if (is_preload(*entry)) {
      if ((*entry)[preload_size]) std::strcat(std::strcat(libraries, ":"), *entry + preload_size);
    } else if (!is_ours(*entry)) {
      *next++ = *entry;
    }
  }
  for (auto* entry = kept; *entry; ++entry) *next++ = *entry;
  *next++ = libraries;
  *next = nullptr;
  return static_cast<char**>(entries);
}

void complete_own() {
  keep_at_the_beginning();
  if (is_complete(::environ)) return;
  for (auto* entry = kept; *entry; ++entry) {
    auto* value = std::strchr(*entry, '=');
    char name[64] = {};
    if (std::size_t(value - *entry) < sizeof name) {
      std::memcpy(name, *entry, std::size_t(value - *entry));
      ::setenv(name, value + 1, 1);
    }
  }
  auto* others = std::getenv("LD_PRELOAD");
  if (!others || !*others) {
    ::setenv("LD_PRELOAD", library, 1);
  } else if (!names_library(others)) {
    auto size = std::strlen(library) + 1 + std::strlen(others) + 1;
    if (auto* both = static_cast<char*>(std::malloc(size))) {
      std::strcat(std::strcat(std::strcpy(both, library), ":"), others);
      ::setenv("LD_PRELOAD", both, 1);
      std::free(both);
    }
  }
}

} // namespace hublink::wrap

void hublink_wrap_settings_changed() { hublink::wrap::keep_what_is_told(); }
