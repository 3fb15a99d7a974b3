#pragma once
/// Brings a journal that an earlier version made to the present tables.
#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

/// Before the tables are made: what is there of an earlier form stands aside, `before_…`. Throws
/// `SQLite::Exception`.
void set_earlier_tables_aside(SQLite::Database& in);
/// After that: its rows come over, and it is gone.
void take_earlier_rows(SQLite::Database& in);

} // namespace hublink
