#pragma once
/// What a server says once, on standard error, of the account that it made for whoever begins.
#include "node/accounts/accounts.hpp"
#include "node/base/printing.hpp"
#include "node/base/service_manager.hpp"

#include <iostream>
#include <string>

namespace hublink {

/// Nothing if it was made before. `data`: the node's directory.
inline void show_first_account(accounts& of, const std::string& node, const std::string& data) {
  auto password = of.take_first_password();
  if (password.view().empty()) return;
  if (service_manager::keeps_output())
    print(std::cerr,
          "hublink: first account of {}: user admin, whose password nobody knows; hublink users passwd admin "
          "--data {} sets one\n",
          node, data);
  else
    print(std::cerr, "hublink: first account of {}: user admin, password {} (shown this once)\n", node,
          password.view());
}

} // namespace hublink
