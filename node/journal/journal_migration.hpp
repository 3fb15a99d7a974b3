#pragma once
/// The journal's tables of this version of hublink, and how those of earlier versions become them.
#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <stdexcept>

namespace hublink {

/// The number of the tables' form, `PRAGMA user_version` of the file. 0: a form from before they had numbers.
constexpr int journal_version = 1;

/// `what()`: why this version of hublink leaves the file alone; one line.
class foreign_journal : public std::runtime_error {
  using runtime_error::runtime_error;
};

/// Makes the tables that `schema` makes. A file that has others is copied first, to `FILE.before-1`, and then
/// changed in one transaction. Throws `foreign_journal` where a later version made it, `SQLite::Exception`
/// where it can't be read, copied or written.
void bring_up_to_date(SQLite::Database& in, const std::filesystem::path& file, const char* schema);

} // namespace hublink
