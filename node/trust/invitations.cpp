#include "node/trust/invitations.hpp"

#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/base/time_text.hpp"
#include "protocol/base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hublink {

namespace {

using invitation_json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds remembered = std::chrono::hours{24 * 7}; // after its end
constexpr json_bounds invitation_bounds{.bytes = 4 << 20, .depth = 4, .values = 10'000};

std::optional<invitation> read_invitation(const invitation_json& row) {
  auto text = [&row](const char* name) {
    auto found = row.find(name);
    return found != row.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  auto number = [&row](const char* name) {
    auto found = row.find(name);
    return found != row.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  if (!row.is_object()) return {};
  invitation made;
  made.node = text("node");
  auto holder = role_from_string(text("role"));
  auto verifier = from_hex(text("verifier"));
  made.days = static_cast<int>(number("days"));
  made.until_ms = number("until_ms");
  made.used_by = text("used_by");
  made.certificate = text("certificate");
  if (made.node.empty() || !holder || made.days < 1 || !verifier || verifier->size() != made.verifier.size())
    return {};
  made.role = *holder;
  std::ranges::copy(*verifier, made.verifier.begin());
  return made;
}

} // namespace

outcome<std::unique_ptr<invitations>> invitations::open(const std::filesystem::path& data, clock wall_clock) {
  std::unique_ptr<invitations> made{new invitations{data / "invitations.json", std::move(wall_clock)}};
  auto text = read_small_file(made->file_, invitation_bounds.bytes);
  if (!text && text.error().code == errc::file_missing) return made;
  if (!text) return {errc::bad_config, text.error().text};
  auto damaged =
      failure{errc::bad_config, {}, made->file_.string() + " is damaged; remove it, and invite again"};
  auto read = build_json<invitation_json>(*text, invitation_bounds);
  auto* rows = std::get_if<invitation_json>(&read);
  if (!rows || !rows->is_array()) return damaged;
  for (const auto& row : *rows) {
    auto one = read_invitation(row);
    if (!one) return damaged;
    made->all_.push_back(std::move(*one));
  }
  return made;
}

std::int64_t invitations::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock_().time_since_epoch()).count();
}

outcome<> invitations::store(const std::vector<invitation>& all) const {
  auto rows = invitation_json::array();
  for (const auto& each : all) {
    invitation_json row{{"node", each.node},
                        {"role", to_string(each.role)},
                        {"days", each.days},
                        {"verifier", to_hex(each.verifier)},
                        {"until_ms", each.until_ms}};
    if (!each.used_by.empty()) row.update({{"used_by", each.used_by}, {"certificate", each.certificate}});
    rows.push_back(std::move(row));
  }
  return write_small_file(file_, to_line(rows), 0600);
}

outcome<> invitations::add(invitation made) {
  std::lock_guard guard{lock_};
  auto next = all_;
  auto now = now_ms();
  std::erase_if(next, [&](const auto& each) {
    return (each.node == made.node && each.used_by.empty()) || each.until_ms + remembered.count() < now;
  });
  if (next.size() >= most)
    return {errc::busy, std::to_string(most) + " nodes were invited within a week; that is all that may be"};
  made.until_ms = now + std::chrono::milliseconds{lifetime}.count();
  next.push_back(std::move(made));
  if (auto stored = store(next); !stored) return stored;
  all_ = std::move(next);
  return {};
}

bool invitations::any() const {
  std::lock_guard guard{lock_};
  auto now = now_ms();
  return std::ranges::any_of(all_, [now](const auto& each) { return each.until_ms > now; });
}

outcome<std::string> invitations::redeem(const signing_request& request, const signer& sign) {
  std::lock_guard guard{lock_};
  auto proved = [&](const invitation& each) { return request.proves(each.verifier); };
  auto found = std::ranges::find_if(all_, proved);
  if (found == all_.end())
    return {errc::not_registered,
            "no code of " + request.node +
                " is known that it was made with: copy it whole, or make another one with "
                "hublink invite " +
                request.node};
  if (found->node != request.node)
    return {errc::not_authorised, "the code is for " + found->node + ", not for " + request.node};
  auto key = to_hex(request.key);
  if (!found->used_by.empty() && found->used_by == key && found->until_ms > now_ms())
    return found->certificate;
  auto another = "; make another one with hublink invite " + request.node;
  if (!found->used_by.empty())
    return {errc::not_authorised,
            "the code for " + request.node + " was used already, by another key" + another};
  if (found->until_ms <= now_ms())
    return {errc::not_authorised,
            "the code for " + request.node + " ended at " + to_rfc3339(found->until_ms) + another};
  auto certificate = sign(*found);
  if (!certificate) return certificate;
  auto next = all_;
  auto& row = next[static_cast<std::size_t>(found - all_.begin())];
  row.used_by = key;
  row.certificate = *certificate;
  if (auto stored = store(next); !stored) return stored.error();
  all_ = std::move(next);
  return certificate;
}

} // namespace hublink
