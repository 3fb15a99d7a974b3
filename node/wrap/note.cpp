#include "note.hpp"
#include "fork_lock.hpp"
#include "note_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink::wrap {

namespace {

// A note is three locked ranges. There are two places for it, and the kind of a lock of one byte says which
// one counts: to change a kind is one step of the kernel's, so nobody finds a note that is half written.
constexpr int ranges = note_numbers::count / 2;
constexpr int range_bits =
    note_numbers::bits + 2; ///< begin and length, and a gap: else the kernel joins ranges
constexpr off_t choice = 0;
constexpr int tries = 3; ///< of a reader whom a writer overtakes

off_t begin_of(short place, int range) { return (off_t{1} + place * ranges + range) << range_bits; }

/// F_RDLCK and F_WRLCK are 0 and 1.
short other(short place) { return place == F_RDLCK ? F_WRLCK : F_RDLCK; }

/// These are of the open file: whoever has it, has them; and they end with it.
bool set_lock(int fd, short kind, off_t begin, off_t length) {
  struct flock wanted {};
  wanted.l_type = kind;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = begin;
  wanted.l_len = length;
  return ::fcntl(fd, F_OFD_SETLK, &wanted) == 0;
}

/// The first one that a lock of this process would meet: nothing is locked.
bool find_lock(int fd, off_t begin, off_t length, struct flock& found) {
  found = {};
  found.l_type = F_WRLCK;
  found.l_whence = SEEK_SET;
  found.l_start = begin;
  found.l_len = length;
  return ::fcntl(fd, F_GETLK, &found) == 0 && found.l_type != F_UNLCK;
}

void clear(int fd, short place) {
  set_lock(fd, F_UNLCK, begin_of(place, 0), begin_of(place, ranges) - begin_of(place, 0));
}

bool read_place(int fd, short place, note& into) {
  note_numbers numbers;
  for (int range = 0; range < ranges; ++range) {
    struct flock found;
    auto begin = begin_of(place, range);
    if (!find_lock(fd, begin, off_t{1} << range_bits, found) || found.l_start < begin) return false;
    numbers.each[2 * range] = static_cast<std::uint64_t>(found.l_start - begin);
    numbers.each[2 * range + 1] = static_cast<std::uint64_t>(found.l_len - 1);
  }
  return from_numbers(numbers, into);
}

bool write_place(int fd, short place, const note& what) {
  auto numbers = to_numbers(what);
  for (int range = 0; range < ranges; ++range) {
    auto begin = begin_of(place, range) + static_cast<off_t>(numbers.each[2 * range]);
    if (!set_lock(fd, F_RDLCK, begin, 1 + static_cast<off_t>(numbers.each[2 * range + 1]))) return false;
  }
  return true;
}

/// Of files, locks are the application's own, and may be another machine's to answer for.
bool is_socket(int fd) {
  struct stat seen;
  return ::fstat(fd, &seen) == 0 && S_ISSOCK(seen.st_mode);
}

} // namespace

bool read_note(int fd, note& into) {
  if (!is_socket(fd)) return false;
  struct flock chosen;
  for (int i = 0; i < tries && find_lock(fd, choice, 1, chosen); ++i)
    if (read_place(fd, chosen.l_type, into)) return true;
  return false;
}

bool write_note(int fd, const note& what) {
  guard held;
  struct flock chosen;
  short before = find_lock(fd, choice, 1, chosen) ? chosen.l_type : short{F_WRLCK};
  auto place = other(before);
  clear(fd, place); // of a writer that was killed
  bool written = write_place(fd, place, what) && set_lock(fd, place, choice, 1);
  clear(fd, written ? before : place);
  return written;
}

void erase_note(int fd) {
  struct flock chosen;
  if (!is_socket(fd) || !find_lock(fd, choice, 1, chosen)) return;
  guard held;
  set_lock(fd, F_UNLCK, choice, 1);
  clear(fd, F_RDLCK);
  clear(fd, F_WRLCK);
}

} // namespace hublink::wrap
