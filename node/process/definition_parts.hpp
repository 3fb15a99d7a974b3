#pragma once
/// What a node goes by, and what commands about that need.
#include "actors/base/near_limits.hpp"
#include "node/base/small_file.hpp"
#include "node/definition/definition_services.hpp"
#include "node/process/local_fit.hpp"
#include "node/process/needed.hpp"
#include "node/process/node_process.hpp"

namespace hublink {

struct definition_parts {
  definition_parts(const node_options& options, const live_identity& self, event_log& events,
                   const own_certificate::clock& wall_clock)
      : in_force(options.self), known(options.data, self, options.keys.ca, wall_clock),
        keeper(in_force, options.data, options.keys.ca, known, events, wall_clock),
        lists(options.keys.ca, needed(read_small_file(options.keys.crl_path)), options.data),
        certificate(self, options.keys.ca, wall_clock), services{keeper, known,           lists,
                                                                 self,   options.keys.ca, wall_clock} {
    needed(lists.open());
    needed(known.open());
    known.note_list(lists.number());
    lists.on_stored([this](std::int64_t number) { known.note_list(number); });
    needed(keeper.open());
    applied = needed(applied_network::open(options.data));
    services.certificate = &certificate;
    services.warnings = [this, &options] {
      auto lines = misfits(options.jobs, *in_force.now());
      auto near = near_limits::of_process().warnings();
      lines.insert(lines.end(), near.begin(), near.end());
      return lines;
    };
    if (options.self->role == role::server) services.desk = &desk;
    if (options.self->role != role::manager) return;
    invited = needed(invitations::open(options.data, wall_clock));
    services.invited = invited.get();
    services.applied = applied.get();
    services.list_file = options.keys.crl_path;
    services.topology_text = options.topology_text;
    services.recipients_file = std::filesystem::path(services.list_file).replace_filename("recipients.pem");
  }

  live_definition in_force;
  known_newest known;
  definition_keeper keeper;
  std::unique_ptr<applied_network> applied;
  revocations lists;
  own_certificate certificate;
  enrolment_desk desk;                  ///< a server's
  std::unique_ptr<invitations> invited; ///< a manager's
  definition_services services;
};

} // namespace hublink
