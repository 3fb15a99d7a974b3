#pragma once
/// Where a node serves HTTP: `web` and `metrics` of `local.json`; docs/reference/local.md.
#include "protocol/base/address.hpp"
#include "protocol/base/errors.hpp"

#include <asio/ssl/context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

class json_fields;

struct web_place {
  std::vector<endpoint> listen;
  std::vector<std::string> hosts{}; ///< names by which it is called, beside the node's own
  std::string certificate{}, key{}; ///< PEM files; empty: the node's own
};

/// Metrics alone, in clear and without login.
struct metrics_place {
  std::vector<endpoint> listen;
  std::vector<std::string> hosts{};
};

struct web_settings {
  std::optional<web_place> web;
  std::optional<metrics_place> metrics;
};

void read_web_settings(json_fields& fields, web_settings& into);

/// TLS 1.2 or later, without certificates of who comes. `bad_config` names the file that can't be used.
outcome<std::shared_ptr<asio::ssl::context>> make_web_tls(const std::string& certificate,
                                                          const std::string& key);

} // namespace hublink
