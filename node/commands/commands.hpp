#pragma once
/// The commands of the command line, a row each. Who has one function here has it in a file of its name, or
/// in that of its kind (`steer`, `listings`, …).
#include <CLI/CLI.hpp>

#include <array>
#include <string>
#include <vector>

namespace hublink {

/// Adds its options; and, when it is the one that the user called, does the work and leaves the exit code
/// (docs/reference/json.md, "Exit codes") in `exit`.
using command_set_up = void(CLI::App& verb, int& exit);
/// The same of a command that runs a program: `program` are the words of that one, once the line is read.
using program_set_up = void(CLI::App& verb, const std::vector<std::string>& program, int& exit);

command_set_up set_up_init, set_up_check, set_up_plan, set_up_keys, set_up_bundle, set_up_install, set_up_run,
    set_up_certificates, set_up_manual, set_up_files, set_up_backup, set_up_restore, set_up_drain;
command_set_up set_up_send, set_up_request, set_up_cancel, set_up_retry, set_up_hold, set_up_release,
    set_up_rate;
command_set_up set_up_transfers, set_up_history, set_up_trace, set_up_events, set_up_status, set_up_ping;
command_set_up set_up_stored, set_up_deliver, set_up_gateways, set_up_streams, set_up_socks_users;
command_set_up set_up_login, set_up_logout, set_up_sessions, set_up_apply, set_up_users, set_up_tokens,
    set_up_audit;
program_set_up set_up_wrap;

struct command_row {
  const char* name;
  const char* does; ///< a line of `hublink --help`
  command_set_up* set_up;
  program_set_up* set_up_program = nullptr; ///< in its place
};

/// In the order of `hublink --help`. Those that a running node serves have a verb of the same name
/// (requests/verbs), which says what it takes and where it is done.
inline constexpr std::array commands{
    command_row{"init", "write the topology file of a network that begins, from a few words or questions",
                set_up_init},
    command_row{"check", "validate a topology file: every problem in one go, with what would fix it",
                set_up_check},
    command_row{"plan",
                "show each node's compiled definition, or the hops of one transfer and what each is told",
                set_up_plan},
    command_row{"keys", "make a private CA and a key folder for every node; keeps what is there",
                set_up_keys},
    command_row{
        "certificates",
        "how the certificates of a network stand, and until when: of a folder of keys, of this node, or at "
        "a logged-in manager of every node",
        set_up_certificates},
    command_row{"bundle", "make the one file that a machine needs to become a node", set_up_bundle},
    command_row{"install", "put a bundle in place on this machine, and start its node", set_up_install},
    command_row{"backup", "write what a node keeps into one file, also while it runs", set_up_backup},
    command_row{"restore", "put a backup into a directory, for a node to go on there", set_up_restore},
    command_row{"run", "run a node in the foreground; SIGTERM ends it", set_up_run},
    command_row{"drain", "let a node end when nothing is under way in it: it takes nothing new from now on",
                set_up_drain},
    command_row{
        "send",
        "send a file by this client's own definition, or at a manager let its client send it; prints the "
        "transfer's id",
        set_up_send},
    command_row{"request",
                "ask the source to send a file that this client receives; prints the transfer's id",
                set_up_request},
    command_row{"login", "at a manager: log in at every server; the sessions are this user's", set_up_login},
    command_row{"logout", "at a manager: end a user's sessions", set_up_logout},
    command_row{"sessions", "at a manager: who is logged in, at which servers", set_up_sessions},
    command_row{"users", "the accounts of a server", set_up_users},
    command_row{"tokens", "keys of programs that come in over HTTP", set_up_tokens},
    command_row{"audit", "what users did at a server, newest first", set_up_audit},
    command_row{
        "apply",
        "at a logged-in manager: sign every node's definition and bring it there; without a file: what the "
        "nodes lack of what was applied last",
        set_up_apply},
    command_row{"ping", "open a circuit to a host and say each hop's set-up time; sends nothing",
                set_up_ping},
    command_row{"cancel", "end a transfer, at its sender or its receiver; one that is published stays done",
                set_up_cancel},
    command_row{"retry", "try a failed or unconfirmed transfer again, from what its receiver has",
                set_up_retry},
    command_row{"hold", "start no more transfers at this node until it is released, also after a restart",
                set_up_hold},
    command_row{"release", "start transfers again", set_up_release},
    command_row{"stored", "what this server keeps for receivers that can't be had", set_up_stored},
    command_row{"deliver",
                "deliver a stored transfer now: also what is only stored, and before the next try is due",
                set_up_deliver},
    command_row{
        "rate",
        "how fast this node sends: one transfer until it is over, its further attempts included, or, without "
        "an ID, all transfers together until the node restarts",
        set_up_rate},
    command_row{"status", "this node, its links and its load; at a logged-in manager: every node",
                set_up_status},
    command_row{
        "files",
        "what this node sends and receives, by its definition; at a logged-in manager: what all clients send",
        set_up_files},
    command_row{"transfers",
                "transfers of this node, or at a logged-in manager of the network; running ones included",
                set_up_transfers},
    command_row{"trace",
                "what this node, or at a logged-in manager every node, was told and did for a transfer",
                set_up_trace},
    command_row{
        "events",
        "what this node, or at a logged-in manager every server and client, wrote down lately; or writes "
        "from "
        "now on",
        set_up_events},
    command_row{"history", "transfers that have ended, with their reasons", set_up_history},
    command_row{"gateways", "the applications that this server carries, and its links to other gateways",
                set_up_gateways},
    command_row{"streams", "what the gateways carry now, newest first", set_up_streams},
    command_row{"socks-users", "who may use a server's SOCKS5 listener; works without a running node",
                set_up_socks_users},
    command_row{"wrap", "run a program whose connections and datagrams go through the calling gateway",
                nullptr, set_up_wrap},
    command_row{"manual", "a command's page as man reads it: hublink manual send | man -l -", set_up_manual},
};

} // namespace hublink
