// Ways past the order of libraries: what is loaded with its own symbols first, into a link namespace of its
// own, or asked of the C library by handle.
//
// `dlopen` and `dlsym` go by who calls (RUNPATH, RTLD_NEXT). So the calls into the real ones are the last
// thing that these functions do: the compiler makes jumps of them (-foptimize-sibling-calls), and the loader
// sees the program's own return address. A test holds it to that.
#include "exec_check.hpp"
#include "node/loader/elf_file.hpp"

#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <unistd.h>

using namespace hublink::wrap;

namespace {

struct loading_functions {
  void* (*dlopen)(const char*, int);
  void* (*dlmopen)(Lmid_t, const char*, int);
  void* (*dlsym)(void*, const char*);
};
loading_functions the_real;
pthread_once_t found = PTHREAD_ONCE_INIT;

/// `dlsym` is asked for by version, since the question by name alone would be its own.
void look_up_all() {
  constexpr const char* versions[] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.27", "GLIBC_2.0"};
  for (auto* version : versions)
    if (auto* symbol = ::dlvsym(RTLD_NEXT, "dlsym", version)) {
      the_real.dlsym = reinterpret_cast<void* (*)(void*, const char*)>(symbol);
      break;
    }
  the_real.dlopen = reinterpret_cast<void* (*)(const char*, int)>(the_real.dlsym(RTLD_NEXT, "dlopen"));
  the_real.dlmopen =
      reinterpret_cast<void* (*)(Lmid_t, const char*, int)>(the_real.dlsym(RTLD_NEXT, "dlmopen"));
}

const loading_functions& real_loading() {
  pthread_once(&found, look_up_all);
  return the_real;
}

[[gnu::constructor]] void look_up_at_the_beginning() { real_loading(); }

/// By which a program goes out, or begins another one.
constexpr const char* watched[] = {
    "connect",      "close",         "getpeername",    "getsockopt",      "sendto",
    "sendmsg",      "sendmmsg",      "recvfrom",       "recvmsg",         "recvmmsg",
    "getaddrinfo",  "gethostbyname", "gethostbyname2", "gethostbyname_r", "gethostbyname2_r",
    "execve",       "execv",         "execvp",         "execvpe",         "execl",
    "execlp",       "execle",        "execveat",       "fexecve",         "posix_spawn",
    "posix_spawnp", "system",        "popen",          "wordexp",         "syscall",
    "rcmd",         "rcmd_af",       "rexec",          "rexec_af",        "dlopen",
    "dlmopen",      "dlsym"};

bool is_watched(const char* name) {
  for (auto* each : watched)
    if (std::strcmp(each, name) == 0) return true;
  return false;
}

constexpr auto go_reason = "has Go's network code, which does not ask the C library";
constexpr int bad_configuration = 2; ///< exit code, as of `hublink wrap`

bool is_go(const char* file) {
  if (!file || !std::strchr(file, '/')) return false; // a bare name is looked for by the loader alone
  auto fd = ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  auto go = hublink::loader::elf_file{fd}.is_go();
  ::close(fd);
  return go;
}

// What the program is linked to is there already, and nothing of it can be refused any more.
[[gnu::constructor]] void look_at_what_is_loaded() {
  if (direct_is_allowed()) return;
  ::dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void*) {
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& part = object->dlpi_phdr[i];
          if (part.p_type != PT_NOTE) continue;
          auto* notes = reinterpret_cast<const char*>(object->dlpi_addr +
                                                      part.p_vaddr); // NOLINT(performance-no-int-to-ptr)
          if (!hublink::loader::has_go_note(notes, part.p_memsz)) continue;
          say_refused(object->dlpi_name, go_reason);
          ::_exit(bad_configuration);
        }
        return 0;
      },
      nullptr);
}

/// Fails, and `dlerror` says so.
void* load_nothing(const char* file) {
  constexpr Lmid_t nowhere = -17;
  return real_loading().dlmopen(nowhere, file, RTLD_NOW);
}

/// What the program is to get in the place of the C library's function; null: what it finds. Before its own
/// question, for each one forgets the `dlerror` of the last.
void* in_place_of(void* handle, const char* name) {
  auto& real = real_loading();
  if (!name || handle == RTLD_NEXT || handle == RTLD_DEFAULT || !is_watched(name)) return nullptr;
  auto* found_there = real.dlsym(handle, name);
  return found_there && found_there == real.dlsym(RTLD_NEXT, name) ? real.dlsym(RTLD_DEFAULT, name) : nullptr;
}

} // namespace

extern "C" {

void* dlopen(const char* file, int mode) {
  if (direct_is_allowed()) return real_loading().dlopen(file, mode);
  if (is_go(file)) {
    say_refused(file, go_reason);
    return load_nothing(file);
  }
  return real_loading().dlopen(file, mode & ~RTLD_DEEPBIND);
}

void* dlsym(void* handle, const char* name) {
  if (auto* ours = in_place_of(handle, name)) return ours;
  return real_loading().dlsym(handle, name);
}

void* dlmopen(Lmid_t where, const char* file, int mode) {
  if (where == LM_ID_BASE) return dlopen(file, mode);
  if (direct_is_allowed()) return real_loading().dlmopen(where, file, mode);
  say_refused(file ? file : "a library",
              "is to be loaded beside the preloaded one, into a namespace of its own");
  return load_nothing(file);
}

} // extern "C"
