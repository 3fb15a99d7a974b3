#include "node/base/small_file.hpp"
#include "node/base/unique_fd.hpp"
#include "node/trust/keys.hpp"
#include "protocol/trust/issuer.hpp"
#include "protocol/trust/signed_form.hpp"

#include <algorithm>
#include <map>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace hublink {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

constexpr hours day{24}, ten_years{24 * 3652}, clock_slack{1}; // a node's clock may be behind the CA's
constexpr mode_t private_mode = 0600, readable = 0644;
/// File name and content.
using folder_content = std::map<std::string, std::string>;

/// Held while keys are made: two runs on one folder take turns.
outcome<unique_fd> lock_folder(const fs::path& out) {
  unique_fd file{::open((out / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, private_mode)};
  if (!file || ::flock(file.get(), LOCK_EX) != 0)
    return {errc::io_error, out.string() + " can't be locked: " + std::generic_category().message(errno)};
  return file;
}

outcome<> make_private_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return {errc::io_error, path.string() + " can't be made: " + std::generic_category().message(errno)};
  std::error_code problem;
  if (!fs::is_directory(path, problem))
    return {errc::bad_config, path.string() + " is there, and is no directory; name another place"};
  return {};
}

/// The whole folder at once, or nothing.
outcome<> make_folder(const fs::path& path, folder_content content) {
  auto beside = path.parent_path() / ("." + path.filename().string() + ".new");
  std::error_code problem;
  fs::remove_all(beside, problem);
  if (auto made = make_private_folder(beside); !made) return made;
  for (auto& [name, text] : content) {
    auto written = write_small_file(beside / name, text, name == "key.pem" ? private_mode : readable);
    wipe(text);
    if (!written) return written;
  }
  fs::rename(beside, path, problem);
  if (problem) return {errc::io_error, path.string() + " can't be made: " + problem.message()};
  return sync_folder(path.parent_path());
}

outcome<> check_order(const keys_order& order) {
  for (auto& [name, holder] : order.nodes)
    if (auto usable = check_node_name(name); !usable) return usable;
  if (order.days < 1) return {errc::bad_config, "certificates must be valid for a day at least"};
  return {};
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

struct authority {
  certified_key key;
  std::string crl;
  bool locked = false; ///< the key is still encrypted
};

outcome<authority> load_ca(const fs::path& folder) {
  auto cert = read_small_file(folder / "cert.pem"), key = read_small_file(folder / "key.pem"),
       crl = read_small_file(folder / "crl.pem");
  for (auto* text : {&cert, &key, &crl})
    if (!*text) return {errc::bad_config, text->error().text};
  if (auto usable = trust::make(*cert, *crl); !usable)
    return {errc::bad_config, folder.string() + ": " + usable.error().text};
  authority found{{*cert, *key}, *crl, is_locked(*key)};
  wipe(*key);
  return found;
}

/// Before the first signature: who only looks at keys needs no passphrase.
outcome<> unlock(authority& ca, const fs::path& out, const ask_passphrase& ask) {
  if (!ca.locked) return {};
  auto passphrase = ask(false);
  if (!passphrase) return passphrase.error();
  auto where = (out / "ca/key.pem").string();
  if (passphrase->empty()) return {errc::bad_config, where + " is encrypted: it needs its passphrase"};
  auto plain = unlock_key(ca.key.key_pem, *passphrase);
  if (!plain) return {errc::bad_config, where + ": " + plain.error().text};
  ca.key.key_pem = plain->view();
  ca.locked = false;
  return {};
}

outcome<authority> load_or_make_ca(const keys_order& order, trust::clock_time now) {
  auto folder = order.out / "ca";
  if (is_there(folder)) return load_ca(folder);
  validity when{now - clock_slack, now + ten_years};
  auto made = make_ca(order.network + " CA", when);
  if (!made) return made.error();
  auto crl = make_crl(*made, "", "", when);
  if (!crl) return crl.error();
  auto passphrase = order.passphrase(true);
  if (!passphrase) return passphrase.error();
  auto key = passphrase->empty() ? outcome<std::string>{made->key_pem} : lock_key(made->key_pem, *passphrase);
  if (!key) return key.error();
  auto kept = make_folder(folder, {{"cert.pem", made->cert_pem}, {"key.pem", *key}, {"crl.pem", *crl}});
  wipe(*key);
  if (!kept) return kept.error();
  return authority{*made, *crl};
}

fs::path issued_path(const fs::path& out, const std::string& name) {
  return out / "ca" / "issued" / (name + ".pem");
}

/// Before a certificate is handed out: what isn't kept can't be revoked.
outcome<> keep_issued(const fs::path& out, const std::string& name, const std::string& cert_pem) {
  auto path = issued_path(out, name);
  if (auto made = make_private_folder(path.parent_path()); !made) return made;
  auto before = read_small_file(path);
  if (!before && before.error().code != errc::file_missing) return before.error();
  return write_small_file(path, (before ? *before : "") + cert_pem, readable);
}

outcome<> make_node(const keys_order& order, authority& ca, const std::string& name, role holder,
                    trust::clock_time now) {
  if (auto usable = unlock(ca, order.out, order.passphrase); !usable) return usable;
  auto made = issue(ca.key, name, holder, {now - clock_slack, now + order.days * day});
  if (!made) return made.error();
  if (auto kept = keep_issued(order.out, name, made->cert_pem); !kept) return kept;
  return make_folder(order.out / name, {{"ca.pem", ca.key.cert_pem},
                                        {"cert.pem", made->cert_pem},
                                        {"key.pem", made->key_pem},
                                        {"crl.pem", ca.crl}});
}

/// Every folder under this CA gets its list; those whose list is new are returned, sorted.
outcome<std::vector<std::string>> hand_out(const fs::path& out, const authority& ca) {
  std::vector<std::string> renewed;
  std::error_code problem;
  for (fs::directory_iterator entry{out, problem}, end; !problem && entry != end; entry.increment(problem)) {
    auto folder = entry->path();
    auto its_ca = read_small_file(folder / "ca.pem"), before = read_small_file(folder / "crl.pem");
    bool ours = its_ca && *its_ca == ca.key.cert_pem;
    if (!ours || (before && *before == ca.crl)) continue;
    if (auto written = write_small_file(folder / "crl.pem", ca.crl, readable); !written)
      return written.error();
    renewed.push_back(folder.filename().string());
  }
  if (problem) return {errc::io_error, out.string() + " can't be read: " + problem.message()};
  std::ranges::sort(renewed);
  return renewed;
}

/// Certificates alone: anybody may know them.
outcome<> write_recipients(const keys_order& order) {
  for (const auto& [sender, names] : order.recipients) {
    std::string all;
    for (const auto& name : names) {
      auto cert = read_small_file(order.out / name / "cert.pem");
      if (!cert) return {errc::bad_config, cert.error().text};
      all += *cert;
    }
    auto path = order.out / sender / "recipients.pem";
    if (auto before = read_small_file(path); before && *before == all) continue;
    if (auto written = write_small_file(path, all, readable); !written) return written;
  }
  return {};
}

} // namespace

outcome<secret> no_passphrase(bool) { return secret{}; }

outcome<> check_node_name(const std::string& name) {
  bool usable = !name.empty() && name.size() <= 64 && name[0] != '.' && name.find('/') == std::string::npos;
  if (usable && name != "ca") return {};
  return {errc::bad_config, "the name \"" + name +
                                "\" can't be a key folder's: 1 to 64 bytes, without \"/\" and no "
                                "leading dot, and not \"ca\""};
}

outcome<keys_report> make_keys(const keys_order& order, trust::clock_time now) {
  if (auto fine = check_order(order); !fine) return fine.error();
  if (auto made = make_private_folder(order.out); !made) return made.error();
  auto lock = lock_folder(order.out);
  if (!lock) return lock.error();
  auto ca = load_or_make_ca(order, now);
  if (!ca) return ca.error();
  keys_report report;
  if (auto renewed = hand_out(order.out, *ca); !renewed)
    return renewed.error(); // a `revoke` may have been killed
  for (auto& [name, holder] : order.nodes) {
    if (!is_there(order.out / name)) {
      if (auto made = make_node(order, *ca, name, holder, now); !made) return made.error();
      report.made.push_back(name);
    } else if (auto there = load_keys(order.out / name, name, holder, now); !there) {
      report.problems.push_back(there.error().text + "; remove " + (order.out / name).string() +
                                " and run this again for new keys");
    }
  }
  if (auto written = write_recipients(order); !written) return written.error();
  return report;
}

std::vector<std::string> each_certificate(const std::string& pem) {
  constexpr std::string_view last_line = "-----END CERTIFICATE-----\n";
  std::vector<std::string> all;
  for (std::size_t at = 0, end = 0; (end = pem.find(last_line, at)) != pem.npos; at = end) {
    end += last_line.size();
    all.push_back(pem.substr(at, end - at));
  }
  return all;
}

std::string issued_to(const fs::path& out, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return {};
  auto found = read_small_file(issued_path(out, name));
  return found ? *found : std::string{};
}

outcome<std::vector<std::string>> revoke_keys(const fs::path& out, const std::string& name,
                                              trust::clock_time now, const ask_passphrase& passphrase,
                                              const known_elsewhere& elsewhere) {
  if (!is_there(out / "ca"))
    return {errc::bad_config, out.string() + " holds no CA: hublink keys NET.json --out makes one"};
  auto lock = lock_folder(out);
  if (!lock) return lock.error();
  auto ca = load_ca(out / "ca");
  if (!ca) return ca.error();
  auto issued = issued_to(out, name) + elsewhere.certificates;
  if (issued.empty())
    return {errc::bad_config, "the CA in " + out.string() + " never issued a certificate to " + name};
  if (!elsewhere.list.empty() && !trust::make(ca->key.cert_pem, elsewhere.list))
    return {errc::bad_config,
            "the CA in " + out.string() + " is not that of this network: its list is signed by another one"};
  if (auto usable = unlock(*ca, out, passphrase); !usable) return usable.error();
  auto crl = make_crl(ca->key, ca->crl, issued, {now - clock_slack, now + ten_years}, elsewhere.list);
  if (!crl) return crl.error();
  if (auto written = write_small_file(out / "ca" / "crl.pem", *crl, readable); !written)
    return written.error();
  ca->crl = *crl;
  return hand_out(out, *ca);
}

namespace {

/// One that replaces another lasts as long as that did, in all: so it is a little in the past, too.
validity validity_of(const signing_order& order, trust::clock_time now) {
  constexpr int share_of_slack = 20;
  if (!order.life) return {now - clock_slack, now + order.days * day};
  auto slack = std::min<std::chrono::seconds>(clock_slack, *order.life / share_of_slack);
  return {now - slack, now - slack + *order.life};
}

std::optional<signed_keys> signed_before(const signing_order& order, const authority& ca,
                                         trust::clock_time now) {
  auto known = trust::make(ca.key.cert_pem, ca.crl);
  for (const auto& pem : each_certificate(issued_to(order.out, order.request.node))) {
    auto found = read_certificates(pem);
    if (!known || !found || found->empty()) continue;
    const auto& der = found->begin()->second;
    auto form = read_certificate_form(der);
    if (form && std::ranges::equal(form->key, order.request.key) && (*known)->check(der, now))
      return signed_keys{pem, ca.key.cert_pem, ca.crl};
  }
  return {};
}

} // namespace

outcome<signed_keys> sign_keys(const signing_order& order, trust::clock_time now) {
  const auto& name = order.request.node;
  if (auto usable = check_node_name(name); !usable) return usable.error();
  if (!is_there(order.out / "ca"))
    return {errc::bad_config, order.out.string() + " holds no CA: hublink keys NET.json --out makes one"};
  auto lock = lock_folder(order.out);
  if (!lock) return lock.error();
  auto ca = load_ca(order.out / "ca");
  if (!ca) return ca.error();
  if (auto usable = unlock(*ca, order.out, order.passphrase); !usable) return usable.error();
  if (order.life)
    if (auto before = signed_before(order, *ca, now)) return *before;
  auto made = certify(ca->key, order.request.key, name, order.holder, validity_of(order, now));
  if (!made) return made.error();
  if (auto kept = keep_issued(order.out, name, *made); !kept) return kept.error();
  return signed_keys{std::move(*made), ca->key.cert_pem, ca->crl};
}

outcome<> lock_ca(const fs::path& out, const ask_passphrase& ask) {
  auto lock = lock_folder(out);
  if (!lock) return lock.error();
  auto ca = load_ca(out / "ca");
  if (!ca) return ca.error();
  auto where = out / "ca/key.pem";
  if (ca->locked) return {errc::bad_config, where.string() + " is encrypted already"};
  auto passphrase = ask(true);
  if (!passphrase) return passphrase.error();
  if (passphrase->empty()) return {errc::bad_config, "no passphrase was given"};
  auto locked = lock_key(ca->key.key_pem, *passphrase);
  if (!locked) return {errc::bad_config, where.string() + ": " + locked.error().text};
  return write_small_file(where, *locked, private_mode);
}

outcome<> entrust_ca(const fs::path& out, const fs::path& data, const ask_passphrase& ask) {
  struct stat owner {};
  if (::stat(data.c_str(), &owner) != 0)
    return {errc::bad_config, data.string() + " can't be read: " + std::generic_category().message(errno)};
  auto target = data / "ca", beside = data / ".ca.new";
  if (is_there(target)) return {errc::bad_config, target.string() + " is there already"};
  auto lock = lock_folder(out);
  if (!lock) return lock.error();
  auto ca = load_ca(out / "ca");
  if (!ca) return ca.error();
  if (auto usable = unlock(*ca, out, ask); !usable) return usable;
  std::error_code problem;
  fs::remove_all(beside, problem);
  for (const auto& folder : {beside, beside / "issued"})
    if (auto made = make_private_folder(folder); !made) return made;
  for (const auto& [name, text, mode] :
       {std::tuple{"cert.pem", &ca->key.cert_pem, readable}, std::tuple{"crl.pem", &ca->crl, readable},
        std::tuple{"key.pem", &ca->key.key_pem, private_mode}})
    if (auto written = write_small_file(beside / name, *text, mode); !written) return written;
  if (is_there(out / "ca" / "issued"))
    fs::copy(out / "ca" / "issued", beside / "issued", fs::copy_options::recursive, problem);
  if (problem) return {errc::io_error, (beside / "issued").string() + ": " + problem.message()};
  bool given = ::chown(beside.c_str(), owner.st_uid, owner.st_gid) == 0;
  for (fs::recursive_directory_iterator entry{beside, problem}, end; !problem && entry != end;
       entry.increment(problem))
    given = given && ::lchown(entry->path().c_str(), owner.st_uid, owner.st_gid) == 0;
  if (!problem && given) fs::rename(beside, target, problem);
  if (problem || !given)
    return {errc::io_error,
            target.string() + " can't be made: " +
                (problem ? problem.message() : "it can't be given to the owner of " + data.string())};
  return sync_folder(data);
}

} // namespace hublink
