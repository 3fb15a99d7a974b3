#include "node/web/web_config.hpp"
#include "node/base/ownership.hpp"
#include "node/base/small_file.hpp"
#include "node/topology/json_fields.hpp"
#include "node/web/http_target.hpp"

#include <asio/buffer.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <string_view>
#include <sys/stat.h>

namespace hublink {

namespace {

constexpr unsigned char http_protocol[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// Who names protocols has to name HTTP/1.1: so nothing else can be made to talk to this port.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned count, void*) {
  auto* found = const_cast<unsigned char**>(chosen);
  const auto done = SSL_select_next_proto(found, size, http_protocol, sizeof http_protocol, offered, count);
  return done == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::vector<endpoint> read_listening_places(json_fields& fields) {
  fields.require("listen", R"(say where it listens: "127.0.0.1:8443")");
  return fields.values<endpoint>("listen", "address with a port, such as 127.0.0.1:8443");
}

std::vector<std::string> read_host_names(json_fields& fields) {
  std::vector<std::string> all;
  if (!fields.get("hosts")) return all;
  fields.each_text("hosts", "a host name", [&](const std::string& name, const std::string& at) {
    if (host_of(name) == name && name.size() <= 253)
      all.push_back(name);
    else
      fields.note(at, "\"" + shown(name) + "\" is no host name in small letters, without a port");
  });
  return all;
}

} // namespace

void read_web_settings(json_fields& fields, web_settings& into) {
  fields.object("web", [&](json_fields& web) {
    auto& place = into.web.emplace();
    place.listen = read_listening_places(web);
    place.hosts = read_host_names(web);
    place.certificate = web.text("certificate").value_or("");
    place.key = web.text("key").value_or("");
    if (place.certificate.empty() != place.key.empty())
      web.note(place.key.empty() ? "key" : "certificate",
               "has to be there, too: a certificate and its key, or neither");
    web.finish();
  });
  fields.object("metrics", [&](json_fields& metrics) {
    auto& place = into.metrics.emplace();
    place.listen = read_listening_places(metrics);
    place.hosts = read_host_names(metrics);
    metrics.finish();
  });
}

outcome<std::shared_ptr<asio::ssl::context>> make_web_tls(const std::string& certificate,
                                                          const std::string& key) {
  struct stat about {};
  if (::stat(key.c_str(), &about) == 0 && (about.st_mode & 07) != 0)
    return {errc::bad_config, "others may read " + key + ", the key of \"web\" in local.json; chmod o= it"};
  if (auto fine = only_ours_to_write(key); !fine) return fine.error();
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  auto* raw = tls->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  std::error_code error;
  tls->use_certificate_chain_file(certificate, error);
  if (error) return {errc::bad_config, "can't use " + certificate + ": " + error.message()};
  // Not by OpenSSL's own reader, whose buffer would keep the key.
  auto secret = read_secret_file(key);
  if (!secret) return {errc::bad_config, "can't use " + key + ": it can't be read"};
  tls->use_private_key(asio::buffer(secret->view()), asio::ssl::context::pem, error);
  if (error) return {errc::bad_config, "can't use " + key + ": " + error.message()};
  return tls;
}

} // namespace hublink
