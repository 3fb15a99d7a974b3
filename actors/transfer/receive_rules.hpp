#pragma once
/// Does a receiver want what it is offered? Pure; every journal decides by these rules.
#include "actors/transfer/transfer_record.hpp"

#include <optional>

namespace hublink {

/// What a receiver's journal knows of the transfer that is offered: of that sender, file and id. One of the
/// same id under another name is another transfer.
struct known_transfer {
  transfer_state state = transfer_state::running;
  std::uint32_t attempt = 1;
  bytes receipt; ///< where it is done
  std::uint32_t generation = 1;
  checkpoint safe{};                        ///< of that generation
  std::optional<begun_publication> begun{}; ///< one whose end is not written down
};

/// `published`: its publication, if one was begun; null: none.
known_transfer known_of(const transfer_record& record, const publication* published = nullptr);

/// `last_published`: the sequence that this sender published last under this file ID here, 0 if none.
/// Done already → its receipt again and nothing else; an older attempt or generation → `replayed`; perhaps
/// published → welcome, to settle that, also one that shall cancel; cancelled, or to be cancelled →
/// `cancelled`; an older sequence → `superseded`; else welcome, from what is safe of its generation.
verdict admit(const std::optional<known_transfer>& known, std::uint64_t last_published,
              const transfer_offer& offer);

/// The rename comes next: may it? Another attempt may have been faster, or a later transfer.
/// One that was begun and whose end is not written down; sequence 0: none.
struct open_publication {
  std::uint64_t sequence = 0;
  bool is_under_way = false; ///< its receiver is at it still, and will say how it ended
};
/// `open`: of the other transfers of that file whose publications are open, the one with the highest
/// sequence.
outcome<> may_publish(const known_transfer& known, std::uint64_t sequence, std::uint64_t last_published,
                      const open_publication& open);

/// Does the receiver's record say that a publication which was begun did not happen? Not where the file is in
/// place and only the directory's sync failed.
bool ends_publication(const transfer_record& record);

/// At its receiver: may a transfer be refused from now on? `published`: it is, or is about to be.
outcome<> may_cancel(const transfer_id& transfer, const std::optional<transfer_record>& known,
                     bool published);

/// May a record take the place of `kept`? Not a receiver's that goes on with what was cancelled meanwhile: so
/// it hears of it.
outcome<> may_save(const transfer_record* kept, const transfer_record& record);

/// The receiver's record of a transfer that its sender or its operator cancelled; of one it never heard of,
/// made of the offer, so that a late attempt is refused.
transfer_record cancelled_record(const std::optional<transfer_record>& known, const transfer_offer& offer,
                                 std::int64_t now_ms);

/// The receiver's record once the file is in its place.
transfer_record published_record(transfer_record record, const publication& what, std::int64_t now_ms);

/// The receiver's record of an attempt that is admitted.
transfer_record admitted_record(const std::optional<transfer_record>& known, const transfer_offer& offer,
                                const checkpoint& safe, std::int64_t now_ms);

} // namespace hublink
