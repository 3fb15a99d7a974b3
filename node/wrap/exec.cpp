// What an application begins: with this library in it, or not at all. Nothing here takes memory of the heap
// or a lock, for it is called between `vfork` and `exec`.
#include "child_environment.hpp"
#include "exec_check.hpp"

#include <alloca.h>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>
#include <wordexp.h>

using namespace hublink::wrap;

namespace {

using argument_list = char* const*;

struct real_exec {
  int (*execve)(const char*, argument_list, argument_list);
  int (*execveat)(int, const char*, argument_list, argument_list, int);
  int (*fexecve)(int, argument_list, argument_list);
  int (*posix_spawn)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                     argument_list, argument_list);
  int (*posix_spawnp)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                      argument_list, argument_list);
  int (*system)(const char*);
  FILE* (*popen)(const char*, const char*);
  int (*wordexp)(const char*, wordexp_t*, int);
};
real_exec the_real;

template <class Function>
void look_up(Function& into, const char* name) {
  into = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// Here, since between `vfork` and `exec` it may be too late; and once more where a library of the program's
// own begins another one before.
[[gnu::constructor]] void look_up_all() {
  look_up(the_real.execve, "execve");
  look_up(the_real.execveat, "execveat");
  look_up(the_real.fexecve, "fexecve");
  look_up(the_real.posix_spawn, "posix_spawn");
  look_up(the_real.posix_spawnp, "posix_spawnp");
  look_up(the_real.system, "system");
  look_up(the_real.popen, "popen");
  look_up(the_real.wordexp, "wordexp");
}

const real_exec& real() {
  if (!the_real.wordexp) look_up_all();
  return the_real;
}

// Memory of the caller's stack, which is there until it returns.
#define COMPLETED(given)                                                                                     \
  complete(given, room_for(given), alloca(room_for(given).entries), alloca(room_for(given).text))

int begin(const char* path, argument_list words, argument_list environment) {
  if (!may_begin(AT_FDCWD, path, 0)) return -1;
  return real().execve(path, words, COMPLETED(environment));
}

/// A text without `#!` is one for the shell.
int begin_or_hand_to_shell(const char* path, argument_list words, argument_list environment) {
  auto result = begin(path, words, environment);
  if (errno != ENOEXEC) return result;
  std::size_t count = 0;
  while (words[count]) ++count;
  auto** with_shell = static_cast<char**>(alloca((count + 3) * sizeof(char*)));
  std::size_t at = 0;
  with_shell[at++] = const_cast<char*>("/bin/sh");
  with_shell[at++] = const_cast<char*>(path);
  for (std::size_t i = 1; i < count; ++i) with_shell[at++] = words[i];
  with_shell[at] = nullptr;
  return begin(with_shell[0], with_shell, environment);
}

const char* search_path() {
  auto* path = std::getenv("PATH");
  return path ? path : "/bin:/usr/bin";
}

/// Calls `attempt` for the file in each directory of PATH, until it is true.
template <class Attempt>
bool search(const char* file, Attempt attempt) {
  auto name = std::strlen(file);
  char path[PATH_MAX];
  for (auto* folder = search_path();; ++folder) {
    auto length = std::strcspn(folder, ":");
    if (length + 1 + name < sizeof path) {
      std::memcpy(path, folder, length);
      auto* end = path + length;
      if (length > 0) *end++ = '/';
      std::memcpy(end, file, name + 1);
      if (attempt(path)) return true;
    }
    folder += length;
    if (!*folder) return false;
  }
}

/// Would a search go on after that error?
bool is_elsewhere(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ESTALE || error == ENODEV ||
         error == ETIMEDOUT;
}

/// As the C library's `execvpe`.
int begin_by_name(const char* file, argument_list words, argument_list environment) {
  if (std::strchr(file, '/')) return begin_or_hand_to_shell(file, words, environment);
  errno = ENOENT;
  if (!*file) return -1;
  bool forbidden = false;
  search(file, [&](const char* path) {
    begin_or_hand_to_shell(path, words, environment);
    forbidden |= errno == EACCES;
    return !is_elsewhere(errno);
  });
  if (forbidden && is_elsewhere(errno)) errno = EACCES;
  return -1;
}

/// The last one included.
std::size_t count_words(const char* first, va_list rest) {
  std::size_t count = 1;
  for (auto* word = first; word; word = va_arg(rest, const char*)) ++count;
  return count;
}

void collect(const char* first, va_list& rest, char** into) {
  for (auto* word = first; word; word = va_arg(rest, const char*)) *into++ = const_cast<char*>(word);
  *into = nullptr;
}

/// Lays out `words` from `first` on, on the caller's stack; `list` stands behind them, and is the caller's to
/// end.
#define TAKE_WORDS(first, list, words)                                                                       \
  va_list list;                                                                                              \
  va_start(list, first);                                                                                     \
  auto** words = static_cast<char**>(alloca(count_words(first, list) * sizeof(char*)));                      \
  va_end(list);                                                                                              \
  va_start(list, first);                                                                                     \
  collect(first, list, words)

bool may_ask_shell() {
  complete_own();
  return may_begin(AT_FDCWD, "/bin/sh", 0);
}

} // namespace

extern "C" {

int execve(const char* path, argument_list words, argument_list environment) {
  return begin(path, words, environment);
}

int execv(const char* path, argument_list words) { return begin(path, words, ::environ); }

int execvp(const char* file, argument_list words) { return begin_by_name(file, words, ::environ); }

int execvpe(const char* file, argument_list words, argument_list environment) {
  return begin_by_name(file, words, environment);
}

int execl(const char* path, const char* first, ...) {
  TAKE_WORDS(first, list, words);
  va_end(list);
  return begin(path, words, ::environ);
}

int execlp(const char* file, const char* first, ...) {
  TAKE_WORDS(first, list, words);
  va_end(list);
  return begin_by_name(file, words, ::environ);
}

int execle(const char* path, const char* first, ...) {
  TAKE_WORDS(first, list, words);
  auto* environment = va_arg(list, argument_list);
  va_end(list);
  return begin(path, words, environment);
}

int execveat(int directory, const char* path, argument_list words, argument_list environment, int flags) {
  if (!may_begin(directory, path, flags)) return -1;
  return real().execveat(directory, path, words, COMPLETED(environment), flags);
}

int fexecve(int fd, argument_list words, argument_list environment) {
  if (!may_begin(fd, "", AT_EMPTY_PATH)) return -1;
  return real().fexecve(fd, words, COMPLETED(environment));
}

int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* how, argument_list words, argument_list environment) {
  if (!may_begin(AT_FDCWD, path, 0)) return errno;
  return real().posix_spawn(child, path, actions, how, words, COMPLETED(environment));
}

int posix_spawnp(pid_t* child, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* how, argument_list words, argument_list environment) {
  bool refused = false;
  auto attempt = [&](const char* path) {
    if (::access(path, X_OK) != 0) return false;
    refused = !may_begin(AT_FDCWD, path, 0);
    return true;
  };
  if (std::strchr(file, '/'))
    attempt(file);
  else
    search(file, attempt);
  if (refused) return errno;
  return real().posix_spawnp(child, file, actions, how, words, COMPLETED(environment));
}

// These begin a shell with the environment of the process, by ways of the C library's own.
int system(const char* command) {
  if (command && !may_ask_shell()) return -1;
  return real().system(command);
}

FILE* popen(const char* command, const char* type) {
  return may_ask_shell() ? real().popen(command, type) : nullptr;
}

int wordexp(const char* words, wordexp_t* into, int flags) {
  if (!(flags & WRDE_NOCMD) && !may_ask_shell()) return WRDE_CMDSUB;
  return real().wordexp(words, into, flags);
}

} // extern "C"
