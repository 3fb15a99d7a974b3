#pragma once
/// What a request has to be before anybody asks who sent it: addressed to this server, and not made by a page
/// of another one. Pure.
#include "node/web/http_message.hpp"
#include "protocol/base/address.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// The names by which a server may be called: those that its operator lists, the node's, where it listens.
/// In lower case, without ports.
std::set<std::string> own_hosts(const std::vector<std::string>& listed, const std::string& node,
                                const std::vector<endpoint>& listens);

/// `Host` is one of them (else a name that somebody made lead here could be a page's own).
std::optional<http_answer> refuse_host(const http_request& request, const std::set<std::string>& hosts);
/// A browser says by `Origin`, or `Sec-Fetch-Site`, that another page made it.
std::optional<http_answer> refuse_origin(const http_request& request);

inline constexpr std::string_view cookie_name = "__Host-hublink";
/// Of the session; empty: none, or more than one.
std::string session_cookie(const http_request& request);
/// `Authorization: Bearer …`; nothing: there is no such field. Empty: of another kind.
std::optional<std::string> bearer_token(const http_request& request);

/// As a program has to say it: what a form of another page can't send.
bool says_json(const http_request& request);

} // namespace hublink
