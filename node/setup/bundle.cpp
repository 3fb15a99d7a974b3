#include "node/setup/bundle.hpp"

#include "node/base/small_file.hpp"
#include "node/topology/topology.hpp"
#include "protocol/base/dial_address.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/trust/issuer.hpp"

#include <algorithm>

namespace hublink {

namespace {

using packed_json = nlohmann::ordered_json;

constexpr int bundle_form = 1;
constexpr const char* form_key = "hublink_bundle";
constexpr std::size_t largest_key_file = 16 << 20; // certificates of all recipients
constexpr json_bounds bundle_bounds{.bytes = 128 << 20, .depth = 4, .values = 100};
constexpr std::string_view needed_keys[] = {"ca.pem", "cert.pem", "key.pem", "crl.pem"};
constexpr std::string_view recipients_name = "recipients.pem";

failure no_bundle(const std::string& what) {
  return {errc::bad_config, {}, "is no bundle of hublink: " + what + "; make it again with hublink bundle"};
}

bool is_key_file(const std::string& name) {
  return name == recipients_name || std::ranges::find(needed_keys, name) != std::end(needed_keys);
}

/// Text fields by name, each once; an object of texts is `keys`.
outcome<> read_field(const std::string& name, const packed_json& value, bundle& into) {
  if (name == "keys" && value.is_object()) {
    for (const auto& [file, text] : value.items()) {
      if (!is_key_file(file) || !text.is_string()) return no_bundle("it has keys that are none");
      into.keys[file] = text.get<std::string>();
    }
    return {};
  }
  if (!value.is_string()) return no_bundle("\"" + shown(name) + "\" is no text");
  auto text = value.get<std::string>();
  if (name == "network" || name == "node") {
    if (!is_name(text)) return no_bundle("\"" + name + "\" is no name");
    (name == "node" ? into.node : into.network) = text;
  } else if (name == "role") {
    auto known = role_from_string(text);
    if (!known) return no_bundle("its role is none");
    into.role = *known;
  } else if (name == "topology") {
    into.topology = text;
  } else if (name == "join") {
    if (auto where = dial_address::parse(text); !where || where->port == 0)
      return no_bundle("\"join\" is no address");
    into.join = text;
  } else {
    return no_bundle("nobody knows its field \"" + shown(name) + "\"");
  }
  return {};
}

} // namespace

outcome<std::map<std::string, std::string>> read_key_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::string> keys;
  for (auto name : needed_keys) {
    auto text = read_small_file(folder / name);
    if (!text) return {errc::bad_config, text.error().text};
    keys.emplace(name, std::move(*text));
  }
  auto recipients = read_small_file(folder / recipients_name, largest_key_file);
  if (!recipients && recipients.error().code != errc::file_missing)
    return {errc::bad_config, recipients.error().text};
  if (recipients) keys.emplace(recipients_name, std::move(*recipients));
  return keys;
}

std::string bundle_text(const bundle& packed) {
  packed_json text{{form_key, bundle_form},
                   {"network", packed.network},
                   {"node", packed.node},
                   {"role", to_string(packed.role)}};
  if (!packed.join.empty()) text["join"] = packed.join;
  if (!packed.topology.empty()) text["topology"] = packed.topology;
  text["keys"] = packed.keys;
  return text.dump(1) + "\n";
}

outcome<bundle> read_bundle(std::string_view text) {
  auto whole = read_json_object(text, bundle_bounds);
  if (!whole) return no_bundle(whole.error().text);
  auto form = whole->find(form_key);
  if (form == whole->end() || !form->is_number_integer()) return no_bundle("it does not say that it is one");
  if (*form != bundle_form)
    return failure{errc::bad_config, {}, "is a bundle of a later version: upgrade hublink on this machine"};
  bundle read;
  for (const auto& [name, value] : whole->items())
    if (name != form_key)
      if (auto fine = read_field(name, value, read); !fine) return fine.error();
  for (auto name : needed_keys)
    if (!read.keys.contains(std::string{name})) return no_bundle(std::string{name} + " is missing");
  if (read.node.empty() || read.network.empty()) return no_bundle("it names no node");
  if (read.topology.empty() == read.join.empty())
    return no_bundle("it has to have either a topology or \"join\"");
  return read;
}

bool is_locked(const bundle& packed) {
  auto key = packed.keys.find("key.pem");
  return key != packed.keys.end() && is_locked(key->second);
}

outcome<> lock(bundle& packed, const secret& password) {
  auto& key = packed.keys["key.pem"];
  auto locked = lock_key(key, password);
  if (!locked) return locked.error();
  wipe(key);
  key = *locked;
  return {};
}

outcome<> unlock(bundle& packed, const secret& password) {
  auto& key = packed.keys["key.pem"];
  auto plain = unlock_key(key, password);
  if (!plain) return failure{errc::bad_config, {}, "the password is not the one of this bundle"};
  key = plain->view();
  return {};
}

} // namespace hublink
