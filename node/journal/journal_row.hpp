#pragma once
/// A row of the journal's tables, in the order of their columns.
#include "actors/transfer/transfer_record.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

transfer_record read_record(SQLite::Statement& row);
/// All but the time at which it is saved.
void bind_record(SQLite::Statement& row, const transfer_record& record);
/// Of the table `receivers`.
void bind_receiver(SQLite::Statement& row, const transfer_id& transfer, const std::string& name,
                   transfer_state state, const job_report* job);
/// Of its columns name, state and job.
void read_receiver(SQLite::Statement& row, receiver_changes& into);
publication read_publication(SQLite::Statement& row);

} // namespace hublink
