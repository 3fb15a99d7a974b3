/// sign: a certificate for a key that was made on the node's machine, by a CA that no node reaches.
#include "node/base/printing.hpp"
#include "node/base/process_guard.hpp"
#include "node/base/small_file.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/passphrase.hpp"
#include "node/trust/keys.hpp"

#include <iostream>

namespace hublink {

namespace {

struct sign_options {
  std::string request, keys, out, role = "client";
  int days = 730;
  passphrase_options passphrase;
};

constexpr mode_t signed_file_mode = 0644;

outcome<std::filesystem::path> sign(const sign_options& options) {
  auto text = read_small_file(options.request);
  if (!text) return {errc::bad_config, text.error().text};
  auto packed = signing_request_in(*text);
  if (!packed) return {errc::bad_config, options.request + " " + packed.error().text};
  auto request = read_signing_request(*packed);
  if (!request) return {errc::bad_config, options.request + ": " + request.error().text};
  auto out = std::filesystem::path{options.out.empty() ? request->node + "-signed" : options.out};
  std::error_code problem;
  if (std::filesystem::exists(out / "cert.pem", problem))
    return {errc::bad_config,
            (out / "cert.pem").string() + " is there already; name another folder with --out"};
  auto made = sign_keys({.out = options.keys,
                         .request = *request,
                         .holder = *role_from_string(options.role),
                         .days = options.days,
                         .passphrase = passphrase_by(options.passphrase)},
                        std::chrono::system_clock::now());
  if (!made) return made.error();
  std::filesystem::create_directories(out, problem);
  if (problem) return {errc::io_error, out.string() + " can't be made: " + problem.message()};
  for (const auto& [name, content] : {std::pair{"ca.pem", &made->ca}, std::pair{"crl.pem", &made->list},
                                      std::pair{"cert.pem", &made->certificate}})
    if (auto written = write_small_file(out / name, *content, signed_file_mode); !written)
      return written.error();
  print(std::cerr,
        "signed for the {} {}, whose key is {}: compare that with what hublink keys request printed\n",
        options.role, request->node, fingerprint_of(*request));
  return out;
}

void set_up_sign(CLI::App& verb, int& exit) {
  auto options = std::make_shared<sign_options>();
  verb.add_option("REQUEST", options->request, "the file that hublink keys request made")->required();
  verb.add_option("--keys", options->keys, "the folder of the CA, as hublink keys made it")
      ->required()
      ->type_name("DIR");
  verb.add_option("--role", options->role, "what the node is")
      ->check(CLI::IsMember({"manager", "server", "client"}))
      ->capture_default_str();
  verb.add_option("--out", options->out, "folder for certificate, CA and list (default: NAME-signed)")
      ->type_name("FOLDER");
  verb.add_option("--days", options->days, "validity of the certificate")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  add_passphrase_option(verb, options->passphrase);
  verb.callback([options, &exit] {
    keep_memory_private();
    auto done = sign(*options);
    if (!done) {
      print(std::cerr, "hublink: {}\n", to_string(done.error()));
      exit = exit_code(done.error().code);
      return;
    }
    print(std::cout, "made {}\n", done->string());
  });
}

constexpr std::array sign_examples{
    command_example{"hublink sign request.pem --keys keys", "makes HOST4-signed, for HOST4's folder"},
};

} // namespace

constinit const command_row sign_command{
    .name = "sign",
    .does = "a certificate for a key that was made elsewhere, by files: for a CA that no node reaches",
    .set_up = set_up_sign,
    .examples = sign_examples};

} // namespace hublink
