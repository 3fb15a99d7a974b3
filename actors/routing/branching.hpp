#pragma once
/// Where the ways of a file part. Pure.
#include "actors/definition/definition.hpp"
#include "actors/routing/hop_choice.hpp"

#include <vector>

namespace hublink {

/// Do the ways go over more than one next hop? By the own tables and host definitions alone: a host that only
/// the system resolver knows counts as a way of its own.
bool parts_here(const std::vector<way>& ways);

/// Its definition of the file, if this server keeps it for receivers that can't be had; else null. What goes
/// to a single one on request is not kept.
const transfer_definition* stores_here(const definition& self, const open& request);
/// Is this server the broadcast point of that file only while the one that is meant can't be had?
bool stands_in(const definition& self, const open& request);

/// One list of alternatives for each next hop, where those that share a next server are told together; their
/// alternatives as far as they are the same.
std::vector<std::vector<hop_choice>> share_hops(std::vector<std::vector<hop_choice>> targets);

/// Whether one message of a link can name all of these.
bool fit_a_message(const std::vector<std::string>& names);

/// All hosts that a way leads to.
std::vector<std::string> hosts_of(const hop_choice& way);

} // namespace hublink
