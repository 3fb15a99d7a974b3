#pragma once
/// The topology file of a network that begins, from a few words for each node. Pure.
#include "protocol/base/dial_address.hpp"
#include "protocol/base/errors.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hublink {

struct first_server {
  std::string name;
  dial_address address; ///< port 0: the first of this host that nobody has, from 40000 on

  /// `Head=10.1.0.1`, `Head=hub.plant.example:40000`.
  static outcome<first_server> parse(std::string_view text);
};
/// A client or a manager.
struct first_member {
  std::string name;
  dial_address address;
  std::string home;
  bool dials_out = false;

  /// `Office=10.1.0.11@Head`; with `,out` behind it where nobody can dial it.
  static outcome<first_member> parse(std::string_view text);
};
struct first_transfer {
  std::string file, from;
  std::vector<std::string> to;

  /// `FILE01=Office:Line1`, `FILE02=Office:Line1,Line2`.
  static outcome<first_transfer> parse(std::string_view text);
};
using first_link = std::pair<std::string, std::string>;
/// `Head,Plant`: two servers that dial each other.
outcome<first_link> parse_first_link(std::string_view text);

struct first_network {
  std::string network{};
  std::vector<first_server> servers{};
  std::vector<first_member> clients{}, managers{};
  std::vector<first_link> links{};         ///< none: every server is a neighbour of the first one
  std::vector<first_transfer> transfers{}; ///< none: the first two clients send each other a file
};

/// As `hublink check` reads it. What does not fit together, that one says.
std::string topology_text(const first_network& described);

} // namespace hublink
