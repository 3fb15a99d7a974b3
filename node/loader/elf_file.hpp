#pragma once
/// What an ELF file says of itself. As program_file.hpp: no C++ runtime, no memory of the heap.
#include <cstddef>
#include <elf.h>
#include <link.h>

namespace hublink::loader {

class elf_file {
 public:
  /// Reads by pread; `fd` stays open.
  explicit elf_file(int fd);

  bool is_of_this_machine() const { return fits_; }
  /// The dynamic loader that it asks for (PT_INTERP); false: none. Cut at the size of `into`, from the left.
  bool loader(char (&into)[64]) const;
  /// A note of owner "Go", or what `go version` looks for.
  bool is_go() const;
  bool needs_sanitizer() const;

 private:
  using header = ElfW(Phdr);

  bool read(void* into, std::size_t size, unsigned long at) const;
  bool part(int number, header& into) const;
  bool is_noted_as_go(const header& notes) const;
  bool begins_with_go_build(const header& data) const;
  /// Where a loaded address stands in the file; 0: nowhere.
  unsigned long place_of(unsigned long address) const;

  int fd_;
  ElfW(Ehdr) head_;
  bool fits_;
};

/// Has that part of a file, or of memory, a note of owner "Go"? (PT_NOTE)
bool has_go_note(const char* notes, std::size_t size);

/// Is that the loader of the C library that this code was built with?
bool is_own_loader(const char* path);

} // namespace hublink::loader
