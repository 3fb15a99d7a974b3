#pragma once
/// What a process gives up for good before it has anything to lose.
namespace hublink {

/// No core dump, no debugger, no /proc/PID/mem for other users' processes or the user's own: memory has keys.
void keep_memory_private();

/// Takes passwords and passphrases out of the environment, and out of the memory where `environ` shows it to
/// others. For who does not read them.
void forget_passwords();

/// No program that this process begins gains rights, and of root's own none are kept but those to use files
/// and ports; with `gives_files_away` that to change whose a file is, too. Before there are threads.
void keep_few_privileges(bool gives_files_away = false);

} // namespace hublink
