#pragma once
/// The verbs of a running node as paths: `users-add` is `/api/v1/users/add`. What only tells is a GET with
/// its fields in the query, all else a POST with an object. Pure.
#include "node/requests/verbs.hpp"
#include "node/web/http_target.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hublink {

inline constexpr std::string_view api_root = "/api/v1/";

struct web_route {
  std::string path;
  const verb* what;
  bool posts = false;
  /// What it takes, at a node with accounts or by a token; nothing: to be somebody.
  std::optional<command_rights> takes{};
  /// Its answer is a list that may be sorted, and read page by page: the list's name; empty: it is none.
  std::string_view list{};
};

/// Every verb that may be given by HTTP, by its row's `http_rule`.
const std::vector<web_route>& web_routes();
/// Null: there is none.
const web_route* find_web_route(std::string_view path);

/// Whether a program may say that field.
bool is_said(const web_route& route, const request_field& field);

/// Which part of a list is wanted, and in which order.
struct web_page {
  std::string sort{}; ///< a field; `-` before it: descending; empty: as it comes
  std::uint64_t page = 1, rows = 100;
  bool is_asked = false;
};

struct web_command {
  nlohmann::ordered_json request;
  web_page page{};
};

/// Fails with `bad_config` where a field says what it can't, or names what is the server's to say.
outcome<web_command> command_of_query(const web_route& route, const http_target& target);
/// `body`: an object, or nothing at all.
outcome<web_command> command_of_body(const web_route& route, const std::string& body);
/// The rows of that page, and `more`.
void take_page(nlohmann::ordered_json& answer, std::string_view list, const web_page& wanted);

} // namespace hublink
