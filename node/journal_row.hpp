#pragma once
/// A row of the journal's tables, in the order of their columns.
#include "actors/transfers.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

transfer_record read_record(SQLite::Statement& row);
void bind_record(SQLite::Statement& row, const transfer_record& record);
publication read_publication(SQLite::Statement& row);

} // namespace hublink
