#include "node/enclosure/name_servers.hpp"

#include <fstream>
#include <sstream>

namespace hublink {

std::vector<ip_address> name_servers_of(std::string_view text) {
  std::vector<ip_address> found;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word, address;
    if (!(words >> word >> address) || word != "nameserver") continue;
    if (auto parsed = ip_address::parse(address.substr(0, address.find('%')))) found.push_back(*parsed);
  }
  if (found.empty()) found = {*ip_address::parse("127.0.0.1"), *ip_address::parse("::1")};
  return found;
}

std::vector<ip_address> name_servers() {
  std::ifstream file{"/etc/resolv.conf"};
  std::ostringstream text;
  text << file.rdbuf();
  return name_servers_of(text.str());
}

} // namespace hublink
