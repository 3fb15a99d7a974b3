#pragma once
/// What the kernel and the C library's loader will make of a program file, as far as the file says it: is a
/// preloaded library in force in there? Without a C++ runtime and without memory of the heap, for a preloaded
/// library asks between `vfork` and `exec`.

namespace hublink::loader {

enum class obstacle : unsigned char {
  none,         ///< the library will be in force
  left_to_exec, ///< there is none, or it can't be run: `exec` itself says so
  unreadable,
  unknown_kind, ///< neither ELF nor a script, so it is not known what runs it
  other_machine,
  no_loader,    ///< linked statically
  other_loader, ///< of another C library
  own_calls,    ///< Go: its network code makes system calls of its own
  sanitizer,    ///< its run-time wants to be the first library
  set_id,       ///< this and the next two: the loader ignores what is preloaded (AT_SECURE)
  capabilities,
  mixed_ids,
};

struct finding {
  obstacle what = obstacle::none;
  char interpreter[256] = {}; ///< of which it is true, where the program is a script; else empty
};

/// The program that `execveat(directory, path, ..., flags)` would begin in this process, as its rights are
/// now.
finding examine(int directory, const char* path, int flags);

/// `is linked statically, so ...`; empty for `none` and `left_to_exec`.
const char* words_of(obstacle what);

} // namespace hublink::loader
