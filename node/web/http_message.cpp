#include "node/web/http_message.hpp"

#include <algorithm>

namespace hublink {

std::optional<std::string_view> http_request::field(std::string_view lower_name) const {
  auto found = std::ranges::find(fields, lower_name, &http_fields::value_type::first);
  if (found == fields.end()) return {};
  return found->second;
}

std::string head_of(const http_answer& answer, std::optional<std::size_t> length, bool keeps_alive) {
  auto text =
      "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string{reason_of(answer.status)} + "\r\n";
  if (!answer.type.empty()) text += "Content-Type: " + answer.type + "\r\n";
  if (length) text += "Content-Length: " + std::to_string(*length) + "\r\n";
  for (const auto& [name, value] : answer.fields) text += name + ": " + value + "\r\n";
  text += "X-Content-Type-Options: nosniff\r\n";
  if (!keeps_alive) text += "Connection: close\r\n";
  return text + "\r\n";
}

std::string_view reason_of(unsigned status) {
  switch (status) {
  case 200:
    return "OK";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 421:
    return "Misdirected Request";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  case 505:
    return "HTTP Version Not Supported";
  case 507:
    return "Insufficient Storage";
  default:
    return "Unknown";
  }
}

} // namespace hublink
