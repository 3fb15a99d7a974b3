/// backup, restore: what a node keeps, in one file.
#include "node/setup/backup.hpp"
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/commands/commands.hpp"
#include "node/process/node_directory.hpp"

#include <iostream>
#include <memory>

namespace hublink {

namespace {

struct backup_options {
  std::string file, data, keys;
};

std::shared_ptr<backup_options> add_backup_options(CLI::App& verb, const char* of_file, const char* of_keys) {
  auto options = std::make_shared<backup_options>();
  verb.add_option("BACKUP", options->file, of_file)->required();
  verb.add_option("--keys", options->keys, of_keys)->type_name("DIR");
  verb.add_option("--data", options->data, "the node's directory")
      ->envname("HUBLINK_DATA")
      ->required()
      ->type_name("DIR");
  return options;
}

int say_backup(const outcome<>& done) {
  if (done) return 0;
  print(std::cerr, "hublink: {}\n", to_string(done.error()));
  return exit_code(done.error().code);
}

/// While it holds the directory, no node starts there.
outcome<> restore(const backup_options& options) {
  if (auto fine = check_backup(options.file); !fine) return fine;
  auto lock = node_directory::lock(options.data); // which makes it
  if (!lock) return lock.error();
  return restore_backup(options.file, options.data, options.keys);
}

void set_up_backup(CLI::App& verb, int& exit) {
  auto options = add_backup_options(verb, "the file to write; it has passwords' keys: mode 0600",
                                    "the node's key folder, to be in it as well");
  verb.callback([options, &exit] {
    keep_memory_private();
    exit = say_backup(make_backup(options->data, options->keys, options->file));
  });
}

void set_up_restore(CLI::App& verb, int& exit) {
  auto options = add_backup_options(verb, "as hublink backup wrote it", "where the keys go that are in it");
  verb.callback([options, &exit] {
    keep_memory_private();
    exit = say_backup(restore(*options));
  });
}

constexpr std::array backup_examples{
    command_example{"hublink backup HOST1.backup --data HOST1",
                    "journal, accounts, tokens, definitions, settings"},
};

constexpr std::array restore_examples{
    command_example{"hublink restore HOST1.backup --data elsewhere/HOST1", "the node goes on from there"},
};

} // namespace

constinit const command_row backup_command{.name = "backup",
                                           .does =
                                               "write what a node keeps into one file, also while it runs",
                                           .set_up = set_up_backup,
                                           .examples = backup_examples};

constinit const command_row restore_command{.name = "restore",
                                            .does =
                                                "put a backup into a directory, for a node to go on there",
                                            .set_up = set_up_restore,
                                            .examples = restore_examples};

} // namespace hublink
