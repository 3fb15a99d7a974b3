#include "node/loader/elf_file.hpp"

#include <cstring>
#include <gnu/lib-names.h>
#include <unistd.h>

namespace hublink::loader {

namespace {

constexpr unsigned most_notes = 4096, most_needed = 1024; // bytes, entries: more is nobody's
constexpr char go_build[] = "\xff Go buildinf:";          // runtime/debug: at the beginning of its data
constexpr std::size_t go_build_within = 64 * 1024, go_build_aligned = 16;

#if defined(__x86_64__)
constexpr int own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr int own_machine = EM_RISCV;
#else
constexpr int own_machine = EM_NONE;
#endif

const char* file_name(const char* path) {
  auto* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

bool is_sanitizer(const char* library) {
  constexpr const char* names[] = {"libasan.so", "libhwasan.so", "libclang_rt.asan", "libclang_rt.hwasan"};
  for (auto* name : names)
    if (std::strncmp(library, name, std::strlen(name)) == 0) return true;
  return false;
}

} // namespace

elf_file::elf_file(int fd) : fd_(fd) {
  constexpr auto own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  fits_ = read(&head_, sizeof head_, 0) && head_.e_ident[EI_CLASS] == own_class &&
          (own_machine == EM_NONE || head_.e_machine == own_machine) && head_.e_phentsize == sizeof(header);
}

bool elf_file::read(void* into, std::size_t size, unsigned long at) const {
  return ::pread(fd_, into, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
}

bool elf_file::part(int number, header& into) const {
  return fits_ && number < head_.e_phnum &&
         read(&into, sizeof into, head_.e_phoff + static_cast<unsigned long>(number) * sizeof into);
}

bool elf_file::loader(char (&into)[64]) const {
  header found;
  for (int i = 0; part(i, found); ++i) {
    if (found.p_type != PT_INTERP) continue;
    auto skipped = found.p_filesz > sizeof into ? found.p_filesz - sizeof into : 0;
    std::memset(into, 0, sizeof into);
    bool whole = found.p_filesz > 0 && read(into, found.p_filesz - skipped, found.p_offset + skipped);
    into[sizeof into - 1] = 0;
    return whole;
  }
  return false;
}

bool elf_file::is_go() const {
  header found;
  for (int i = 0; part(i, found); ++i) {
    if (found.p_type == PT_NOTE && is_noted_as_go(found)) return true;
    if (found.p_type == PT_LOAD && (found.p_flags & PF_W) && begins_with_go_build(found)) return true;
  }
  return false;
}

bool elf_file::is_noted_as_go(const header& notes) const {
  char held[most_notes];
  auto size = notes.p_filesz < sizeof held ? notes.p_filesz : sizeof held;
  return read(held, size, notes.p_offset) && has_go_note(held, size);
}

bool elf_file::begins_with_go_build(const header& data) const {
  constexpr auto length = sizeof go_build - 1;
  char piece[4096];
  for (unsigned long at = 0; at < data.p_filesz && at < go_build_within; at += sizeof piece) {
    auto got = ::pread(fd_, piece, sizeof piece, static_cast<off_t>(data.p_offset + at));
    for (std::size_t i = 0; got > 0 && i + length <= static_cast<std::size_t>(got); i += go_build_aligned)
      if (std::memcmp(piece + i, go_build, length) == 0) return true;
  }
  return false;
}

unsigned long elf_file::place_of(unsigned long address) const {
  header found;
  for (int i = 0; part(i, found); ++i)
    if (found.p_type == PT_LOAD && address >= found.p_vaddr && address - found.p_vaddr < found.p_filesz)
      return found.p_offset + (address - found.p_vaddr);
  return 0;
}

bool elf_file::needs_sanitizer() const {
  header dynamic;
  int number = 0;
  do
    if (!part(number++, dynamic)) return false;
  while (dynamic.p_type != PT_DYNAMIC);
  unsigned long names = 0;
  constexpr int in_this_order[] = {DT_STRTAB, DT_NEEDED};
  for (auto wanted : in_this_order) {
    ElfW(Dyn) entry;
    for (unsigned i = 0; i < most_needed; ++i) {
      if (!read(&entry, sizeof entry, dynamic.p_offset + i * sizeof entry) || entry.d_tag == DT_NULL) break;
      if (entry.d_tag != wanted) continue;
      char name[24] = {};
      if (wanted == DT_STRTAB)
        names = place_of(entry.d_un.d_ptr);
      else if (names != 0 &&
               ::pread(fd_, name, sizeof name - 1, static_cast<off_t>(names + entry.d_un.d_val)) > 0 &&
               is_sanitizer(name))
        return true;
    }
  }
  return false;
}

bool has_go_note(const char* notes, std::size_t size) {
  constexpr char owner[] = "Go\0"; // and the zero behind it
  ElfW(Nhdr) note;
  auto rounded = [](std::size_t length) { return (length + 3) & ~std::size_t{3}; };
  for (std::size_t at = 0; at + sizeof note + sizeof owner <= size;) {
    std::memcpy(&note, notes + at, sizeof note);
    if (note.n_namesz == sizeof owner && std::memcmp(notes + at + sizeof note, owner, sizeof owner) == 0)
      return true;
    at += sizeof note + rounded(note.n_namesz) + rounded(note.n_descsz);
  }
  return false;
}

bool is_own_loader(const char* path) { return std::strcmp(file_name(path), LD_SO) == 0; }

} // namespace hublink::loader
