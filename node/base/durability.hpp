#pragma once
/// Making files and names durable where a file system can't do all that a local one can: then the next best
/// safe way is gone, and the log says so once for each file system.
#include <string>

namespace hublink {

/// The content of an open file: fsync(2), or else syncfs(2). False, with `errno`: it may be lost.
bool sync_content(int file);
/// The names in an open directory, for which `file`, an open one in it, may stand: of a directory that its
/// user may write and not read only O_PATH can be had. -1: there is none.
bool sync_names(int directory, int file = -1);

/// `errno` of a call that the file system does not know, or refuses whatever it is asked.
bool is_beyond_it(int error);
/// What the file system of an open file lacks, and what is done instead: one line in the log, the first time.
void note_lack(int file, const std::string& lack);

} // namespace hublink
