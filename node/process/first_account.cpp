#include "node/process/first_account.hpp"
#include "node/base/printing.hpp"
#include "node/base/service_manager.hpp"
#include "node/process/machine.hpp"
#include "node/process/needed.hpp"

#include <iostream>

namespace hublink {

std::unique_ptr<accounts> open_accounts(const node_options& options, const std::filesystem::path& journal) {
  auto opened = needed(accounts::open(journal, wall_clock));
  auto first = opened->take_first_password();
  if (first.view().empty()) return opened;
  if (service_manager::keeps_output())
    print(std::cerr,
          "hublink: first account of {}: user admin, whose password nobody knows; hublink users passwd admin "
          "--data {} sets one\n",
          options.self->node, options.data.string());
  else
    print(std::cerr, "hublink: first account of {}: user admin, password {} (shown this once)\n",
          options.self->node, first.view());
  return opened;
}

} // namespace hublink
