#include "node/journal/journal_reader.hpp"
#include "actors/base/spawn.hpp"
#include "node/journal/transfer_listing.hpp"

namespace hublink {

namespace {

/// Who only reads waits for nobody but a start of the log anew.
constexpr int longest_wait_ms = 5000;

class journal_reader_state {
 public:
  static inline const char* name = "journal_reader";
  using pointer = journal_reader_actor::stateful_pointer<journal_reader_state>;

  explicit journal_reader_state(pointer) {}

  journal_reader_actor::behavior_type start(std::filesystem::path file) {
    file_ = std::move(file);
    return {
        [this](const transfer_query& query) {
          return read<std::vector<transfer_record>>([&](auto& of) { return of.list(query); });
        },
        [this](const tally_query& query) {
          return read<transfer_tally>([&](auto& of) { return of.tally(query); });
        },
    };
  }

 private:
  struct connection {
    explicit connection(const std::filesystem::path& file)
        : database(file.string(), SQLite::OPEN_READONLY, longest_wait_ms), listing(database) {}
    SQLite::Database database;
    transfer_listing listing;
  };

  template <class T, class Work>
  caf::result<T> read(Work work) {
    try {
      if (!open_) open_ = std::make_unique<connection>(file_);
      return work(open_->listing);
    } catch (const std::exception& error) { // a row that can't be read, too
      open_.reset();
      return to_error({errc::io_error, {}, std::string("journal: ") + error.what()});
    }
  }

  std::filesystem::path file_;
  std::unique_ptr<connection> open_;
};

} // namespace

journal_reader_actor spawn_journal_reader(caf::actor_system& system, std::filesystem::path file) {
  auto behavior = [](journal_reader_state::pointer self, std::filesystem::path file) {
    note_if_it_falls(self);
    return self->state.start(std::move(file));
  };
  return system.spawn<caf::detached>(behavior, std::move(file));
}

} // namespace hublink
