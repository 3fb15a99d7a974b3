#include "node/process/own_renewal.hpp"
#include "actors/base/answer_promise.hpp"
#include "actors/base/spawn.hpp"
#include "node/base/time_text.hpp"
#include "node/definition/definition_services.hpp"
#include "node/process/enrolment_call.hpp"
#include "node/process/machine.hpp"
#include "node/requests/renewal_signing.hpp"
#include "node/trust/renewal_plan.hpp"
#include "protocol/trust/pem_block.hpp"

#include <spdlog/spdlog.h>

#include <mutex>
#include <vector>

namespace hublink {

namespace {

/// A clock that is set tells no timer.
constexpr std::chrono::milliseconds longest_sleep{60'000}, shortest_sleep{200};
/// For a manager to answer what waits at this server.
constexpr std::chrono::seconds desk_patience{20}, between_own_looks{3},
    call_patience = enrolment_call::patience + desk_patience;

/// Between the thread that has the answer and the actor, which may be gone.
class answer_box {
 public:
  void put(const outcome<enrolled>& what) {
    std::lock_guard guard{lock_};
    what_ = what;
  }
  std::optional<outcome<enrolled>> take() {
    std::lock_guard guard{lock_};
    return std::exchange(what_, {});
  }

 private:
  std::mutex lock_;
  std::optional<outcome<enrolled>> what_;
};

class own_renewal_state {
 public:
  static inline const char* name = "own_renewal";

  explicit own_renewal_state(own_renewal_actor::stateful_pointer<own_renewal_state> self) : self_(self) {}
  ~own_renewal_state() { take_back(); }

  own_renewal_actor::behavior_type start(const renewal_parts& parts, control_services services) {
    parts_.emplace(parts);
    services_ = std::move(services);
    look();
    return {[this](caf::tick_atom) { wake(); }, [this](resume_atom) { take_answer(); },
            [this](renew_atom) { return renew(); }};
  }

 private:
  using milliseconds = std::chrono::milliseconds;

  trust::clock_time now() const { return services_.definitions->wall_clock(); }

  /// Of several ticks under way only the last one that was planned counts.
  void wake() {
    if (self_->clock().now() < wakes_at_) return;
    asking_ ? look_at_desk() : look();
  }

  void look() {
    auto& own = parts_->self;
    own.forget_expired(now());
    auto identity = own.live().now();
    auto life = life_of(identity->certificate());
    if (!life) return;                                    // then it is no certificate
    if (identity->certificate().data() != planned_for_) { // the address: it is kept while it is the newest
      planned_for_ = identity->certificate().data();
      due_ = renewal_due(*life, identity->certificate());
      failures_ = 0;
    }
    const bool counts = bool(services_.definitions->ca->check(identity->certificate(), now()));
    if (counts && now() >= due_) return ask(*identity);
    parts_->certificate.note_renewal(counts ? std::optional{due_} : std::nullopt, said_);
    sleep(counts ? until(due_) : longest_sleep); // who has none that counts can't prove who he is
  }

  milliseconds until(trust::clock_time when) const {
    return std::chrono::ceil<milliseconds>(
        std::min<trust::clock_time::duration>(when - now(), longest_sleep));
  }
  void sleep(milliseconds pause) {
    pause = std::clamp(pause, shortest_sleep, longest_sleep);
    wakes_at_ = self_->clock().now() + pause;
    self_->delayed_send(self_, pause, caf::tick_atom_v);
  }

  // -- asking

  caf::result<std::string> renew() {
    auto promise = self_->make_response_promise<std::string>();
    askers_.emplace_back(promise);
    if (asking_) return promise;
    auto identity = parts_->self.live().now();
    if (auto counts = services_.definitions->ca->check(identity->certificate(), now()); !counts) {
      refuse_askers({errc::not_authorised,
                     {},
                     "the certificate that it would ask with does not count (" + counts.error().text +
                         "): hublink invite at a manager gets it a new one"});
      return promise;
    }
    is_early_ = now() < due_;
    ask(*identity);
    return promise;
  }

  void ask(const identity& identity) {
    auto key = parts_->self.files().next_key();
    if (!key) return failed(key.error());
    auto request = make_renewal_request(identity, key->view());
    if (!request) return failed(request.error());
    key_ = std::move(*key);
    asking_ = true;
    box_ = std::make_shared<answer_box>();
    if (sign_here(*request)) return;
    const auto told = [box = box_, weak = caf::weak_actor_ptr{self_->ctrl()}](const outcome<enrolled>& what) {
      box->put(what);
      if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<own_renewal_actor>(alive), resume_atom_v);
    };
    auto self = services_.self.now();
    asked_at_ = self_->clock().now();
    sleep(self->role == role::server ? between_own_looks : call_patience);
    if (self->role != role::server)
      return enrolment_call::begin(parts_->plane.context(), self->home_address, std::move(*request),
                                   dialling_of(*parts_->here), told);
    constexpr bool proven = true;
    auto number = services_.definitions->desk->put(std::move(*request), self->node, told, proven);
    if (!number) return answered(number.error());
    at_desk_ = *number;
  }

  /// A manager that has the CA asks nobody.
  bool sign_here(const bytes& packed) {
    const auto& definitions = *services_.definitions;
    if (!definitions.invited || !has_ca(definitions, services_.data)) return false;
    auto request = read_signing_request(packed);
    auto made =
        request ? sign_renewal(definitions, services_.data, *request) : outcome<signed_keys>{request.error()};
    answered(made ? outcome<enrolled>{enrolled{
                        .certificate = made->certificate, .ca = made->ca, .list = made->list}}
                  : made.error());
    return true;
  }

  /// A manager who can't tell may not be the only one, but the others need no longer than he did.
  void look_at_desk() {
    bool over = self_->clock().now() - asked_at_ >= desk_patience;
    if (at_desk_ != 0 && !over && !services_.definitions->desk->is_noted(at_desk_))
      return sleep(between_own_looks);
    if (at_desk_ == 0) return answered(failure{errc::timed_out, {}, "no answer"});
    answered(services_.definitions->desk->take_back(std::exchange(at_desk_, 0)));
  }
  void take_back() {
    if (at_desk_ != 0) services_.definitions->desk->take_back(at_desk_);
  }

  // -- what came of it

  void take_answer() {
    if (!asking_ || !box_) return;
    auto what = box_->take();
    at_desk_ = 0;
    if (what) answered(*what);
  }

  void answered(const outcome<enrolled>& what) {
    asking_ = false;
    box_.reset();
    if (!what) return failed(what.error());
    auto before = parts_->self.live().now();
    auto taken = take(*what, *before);
    if (!taken) return failed(taken.error());
    tell_renewed(*before);
    is_early_ = false;
    for (auto& each : std::exchange(askers_, {})) each.deliver(end_of_own());
    look();
  }

  std::string end_of_own() const {
    auto life = life_of(parts_->self.live().now()->certificate());
    return life ? to_rfc3339(life->until) : std::string{};
  }

  void refuse_askers(const failure& why) {
    auto said = why;
    if (said.hop.empty()) said.hop = services_.self->node;
    for (auto& each : std::exchange(askers_, {})) each.fail(said);
  }

  outcome<> take(const enrolled& what, const identity& before) {
    auto der = read_pem_block(what.certificate, "CERTIFICATE", max_certificate);
    if (!der) return {errc::tampered, "the answer's certificate is not PEM"};
    auto holder = services_.definitions->ca->check(*der, now());
    if (!holder) return holder.error();
    if (holder->name != before.name() || holder->role != before.role())
      return {errc::tampered, "the answer's certificate is of " + holder->name};
    if (begin_of_validity(*der) <= begin_of_validity(before.certificate()))
      return {errc::tampered, "the answer's certificate is not newer than the one that is there"};
    return parts_->self.put({.certificate = what.certificate, .key = std::move(key_)}, now());
  }

  void tell_renewed(const identity& before) {
    auto newest = life_of(parts_->self.live().now()->certificate()), last = life_of(before.certificate());
    if (!newest || !last) return;
    said_.clear();
    event::renewed what{.until = to_rfc3339(newest->until), .before = to_rfc3339(last->until)};
    spdlog::info("{} has a newer certificate, until {}; the one before it counts until {}", before.name(),
                 what.until, what.before);
    parts_->events.write({}, std::move(what));
  }

  void failed(const failure& why) {
    asking_ = false;
    refuse_askers(why);
    if (std::exchange(is_early_, false))
      return sleep(until(due_)); // it goes by its plan, as if nobody had asked
    auto life = life_of(parts_->self.live().now()->certificate());
    auto left = life ? std::chrono::ceil<milliseconds>(life->until - now()) : milliseconds{0};
    constexpr double whole = 1.0 / 4294967296.0;
    auto pause = renewal_pause(++failures_, left, double(random_number() >> 32) * whole);
    due_ = now() + pause;
    if (std::exchange(said_, to_string(why)) != to_string(why))
      spdlog::warn("the certificate of {} is not renewed yet: {}; it is tried again",
                   parts_->self.live()->name(), said_);
    parts_->certificate.note_renewal(due_, said_);
    sleep(pause);
  }

  own_renewal_actor::stateful_pointer<own_renewal_state> self_;
  std::optional<renewal_parts> parts_;
  control_services services_;
  const std::byte* planned_for_ = nullptr; ///< the certificate that `due_` is of
  trust::clock_time due_{};
  unsigned failures_ = 0;
  bool asking_ = false, is_early_ = false; ///< early: for those who asked alone
  std::vector<answer_promise<std::string>> askers_;
  std::chrono::steady_clock::time_point wakes_at_{}, asked_at_{};
  secret key_; ///< that was asked with
  std::shared_ptr<answer_box> box_;
  std::uint64_t at_desk_ = 0; ///< the number of the request there; 0: none
  std::string said_;          ///< the last reason
};

} // namespace

own_renewal_actor spawn_own_renewal(caf::actor_system& system, const renewal_parts& parts,
                                    control_services services) {
  return system.spawn(
      [parts](own_renewal_actor::stateful_pointer<own_renewal_state> self, control_services given) {
        note_if_it_falls(self);
        return self->state.start(parts, std::move(given));
      },
      std::move(services));
}

} // namespace hublink
