// What is looked at before any library reads a certificate or a list that somebody sent.
#include "protocol/trust/der.hpp"
#include "protocol/trust/openssl.hpp"
#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"
#include "support/catch.hpp"

#include "test_ca.hpp"

#include <openssl/ec.h>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
using openssl::evp_key;

namespace {

/// The network's CA, and one of its certificates to be made differently.
struct foreign_issuer {
  test_ca network;
  evp_key ca_key{openssl::from_pem<PEM_read_bio_PrivateKey>(network.ca().key_pem)};
  bytes good = [this] {
    auto host = network.identity_of("HOST1");
    return bytes(host->certificate().begin(), host->certificate().end());
  }();

  /// With another key, or signed in another way: as a CA of another make would do.
  bytes issued(EVP_PKEY* holder, EVP_PKEY* by, const EVP_MD* digest) const {
    auto made = openssl::certificate_from_der(good);
    if (holder) X509_set_pubkey(made.get(), holder);
    X509_sign(made.get(), by ? by : ca_key.get(), digest);
    return openssl::to_der<i2d_X509>(made.get());
  }
};

const foreign_issuer& foreign() {
  static const foreign_issuer made;
  return made;
}

evp_key rsa_key() { return evp_key{EVP_RSA_gen(2048)}; }
evp_key key_on(const char* curve) { return evp_key{EVP_EC_gen(curve)}; }

std::string form_refusal(byte_view der) {
  auto form = read_certificate_form(der);
  REQUIRE_FALSE(form);
  CHECK(form.error().code == errc::not_authorised);
  CHECK_FALSE(foreign().network.trust()->check(der, noon));
  return form.error().text;
}

bytes joined(std::initializer_list<byte_view> parts) {
  bytes all;
  for (auto part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

bytes octets(std::initializer_list<int> values) {
  bytes made;
  for (auto each : values) made.push_back(std::byte(each));
  return made;
}

} // namespace

TEST_CASE("a certificate as hublink makes it has the form, with key and signature where they are") {
  auto form = read_certificate_form(foreign().good);
  REQUIRE(form);
  CHECK(form->key.size() == 65);
  CHECK(is_signature_form(form->signature));
  CHECK(read_certificate_form(foreign().issued(nullptr, nullptr, EVP_sha256())));
  CHECK(read_certificate_form(foreign().issued(key_on("P-256").get(), nullptr, EVP_sha256())));
}

TEST_CASE("a certificate of another family is refused with what is wrong, before it is read") {
  const auto& by = foreign();
  CHECK_THAT(form_refusal(by.issued(rsa_key().get(), nullptr, EVP_sha256())),
             Contains("no P-256 key") && Contains("hublink keys"));
  CHECK_THAT(form_refusal(by.issued(key_on("P-384").get(), nullptr, EVP_sha256())), Contains("no P-256 key"));
  CHECK_THAT(form_refusal(by.issued(key_on("secp256k1").get(), nullptr, EVP_sha256())),
             Contains("no P-256 key"));
  evp_key ed{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  CHECK_THAT(form_refusal(by.issued(ed.get(), nullptr, EVP_sha256())), Contains("no P-256 key"));
  auto compressed = key_on("P-256");
  EVP_PKEY_set_utf8_string_param(compressed.get(), "point-format", "compressed");
  CHECK_THAT(form_refusal(by.issued(compressed.get(), nullptr, EVP_sha256())), Contains("no P-256 key"));
  auto explicit_curve = key_on("P-256");
  EVP_PKEY_set_utf8_string_param(explicit_curve.get(), "encoding", "explicit");
  CHECK_THAT(form_refusal(by.issued(explicit_curve.get(), nullptr, EVP_sha256())), Contains("no P-256 key"));
  for (auto digest : {EVP_sha1(), EVP_sha384(), EVP_sha512()})
    CHECK_THAT(form_refusal(by.issued(nullptr, nullptr, digest)), Contains("ECDSA and SHA-256"));
  CHECK_THAT(form_refusal(by.issued(nullptr, rsa_key().get(), EVP_sha256())), Contains("ECDSA and SHA-256"));
}

TEST_CASE("a certificate that is not in DER is refused") {
  const auto& good = foreign().good;
  byte_view content = byte_view{good}.subspan(4); // behind 30 82 and two bytes of length
  REQUIRE((good[0] == std::byte{0x30} && good[1] == std::byte{0x82}));
  auto length = byte_view{good}.subspan(2, 2);
  auto longer = joined({good, bytes(max_certificate)});
  const std::vector<std::pair<const char*, bytes>> wrong{
      {"nothing", {}},
      {"a byte", bytes(1)},
      {"a byte behind it", joined({good, bytes(1)})},
      {"cut", bytes(good.begin(), good.end() - 1)},
      {"too long", longer},
      {"a length of indefinite form", joined({octets({0x30, 0x80}), content, bytes(2)})},
      {"a length that could be shorter", joined({octets({0x30, 0x83, 0x00}), length, content})},
      {"a length of four bytes", joined({octets({0x30, 0x84, 0x00, 0x00}), length, content})},
      {"a length of 8 EiB",
       joined({octets({0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), content})},
      {"a set", joined({octets({0x31}), byte_view{good}.subspan(1)})},
      {"twice", joined({good, good})},
      {"a sequence in it", joined({octets({0x30, 0x82}), length, octets({0x30, 0x82}), length, content})},
  };
  for (const auto& [what, der] : wrong) {
    INFO(what);
    CHECK_THAT(form_refusal(der), Contains("can't be read"));
  }
}

TEST_CASE("a byte more or less anywhere makes no certificate of the form") {
  const auto& good = foreign().good;
  for (std::size_t at = 0; at < good.size(); ++at) {
    bytes less(good), more(good);
    less.erase(less.begin() + std::ptrdiff_t(at));
    more.insert(more.begin() + std::ptrdiff_t(at), std::byte{0});
    CHECK_FALSE(read_certificate_form(less));
    CHECK_FALSE(read_certificate_form(more));
  }
}

TEST_CASE("a node's own keys, its CA and the recipients' are of the one family") {
  const auto& by = foreign();
  auto pem_of = [](const bytes& der) {
    auto certificate = openssl::certificate_from_der(der);
    auto text = openssl::writer();
    PEM_write_bio_X509(text.get(), certificate.get());
    return openssl::text(text.get());
  };
  auto key_pem = [](EVP_PKEY* key) {
    auto text = openssl::writer();
    PEM_write_bio_PrivateKey(text.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return openssl::text(text.get());
  };
  auto key = rsa_key();
  auto certificate = pem_of(by.issued(key.get(), nullptr, EVP_sha256()));
  auto own = identity::make(certificate, key_pem(key.get()));
  REQUIRE_FALSE(own);
  CHECK(own.error().code == errc::bad_config);
  CHECK_THAT(own.error().text, Contains("no P-256 key") && Contains("hublink keys"));
  auto recipients = read_certificates(certificate);
  REQUIRE_FALSE(recipients);
  CHECK_THAT(recipients.error().text, Contains("HOST1") && Contains("no P-256 key"));

  auto ca = openssl::x509_certificate{openssl::from_pem<PEM_read_bio_X509>(by.network.ca().cert_pem)};
  X509_set_pubkey(ca.get(), key.get());
  X509_sign(ca.get(), key.get(), EVP_sha256());
  auto made = trust::make(pem_of(openssl::to_der<i2d_X509>(ca.get())), by.network.crl());
  REQUIRE_FALSE(made);
  CHECK_THAT(made.error().text, Contains("no P-256 key") && Contains("hublink keys"));
}

TEST_CASE("a list is in one block of PEM, in DER, and signed in the one way") {
  const auto& network = foreign().network;
  auto ca = *trust::make(network.ca().cert_pem, network.crl());
  auto der = read_pem_block(network.crl(), "X509 CRL", max_revocation_list);
  REQUIRE(der);
  CHECK(read_list_form(*der));
  CHECK_FALSE(read_list_form(joined({*der, bytes(1)})));
  CHECK_FALSE(read_list_form(byte_view{*der}.first(der->size() - 1)));
  auto list = openssl::revocation_list{openssl::from_pem<PEM_read_bio_X509_CRL>(network.crl())};
  X509_CRL_sign(list.get(), foreign().ca_key.get(), EVP_sha384());
  CHECK_FALSE(read_list_form(openssl::to_der<i2d_X509_CRL>(list.get())));
  CHECK(ca->renew("text before\n" + network.crl()));
  for (auto change : {"-----BEGIN X509 CRL-----", "-----END X509 CRL-----"}) {
    auto text = network.crl();
    text.replace(text.find(change), 6, "------");
    CHECK_FALSE(ca->renew(text));
  }
}

TEST_CASE("PEM is read in its strict form") {
  auto in = [](const std::string& content, std::size_t most = 100) {
    return read_pem_block("-----BEGIN X-----\n" + content + "\n-----END X-----\n", "X", most);
  };
  auto text_of = [](const std::optional<bytes>& found) {
    return found ? std::string{as_text(*found)} : "nothing";
  };
  CHECK(text_of(in("YQ==")) == "a");
  CHECK(text_of(in("YWI=")) == "ab");
  CHECK(text_of(in("YWJj")) == "abc");
  CHECK(text_of(in("YWJj\r\nZGVm\nZ2g=")) == "abcdefgh");
  for (auto wrong : {"", "Y", "YQ", "YQ=", "YR==", "YWJ=", "Y===", "====", "YQ==YQ==", "YQ==\nYWJj",
                     "YWJj=", "Y WJj", "YW-j", "Proc-Type: 4,ENCRYPTED\n\nYWJj", "YW\0Jj"})
    CHECK_FALSE(in(wrong));
  CHECK(in("YWJj", 3));
  CHECK_FALSE(in("YWJj", 2));
  CHECK_FALSE(read_pem_block("-----BEGIN X-----\nYWJj", "X", 100));
  CHECK_FALSE(read_pem_block("-----BEGIN Y-----\nYWJj\n-----END Y-----", "X", 100));
}

TEST_CASE("a signature is two numbers in DER") {
  auto form = [](const char* hex) { return is_signature_form(from_hex(hex).value()); };
  CHECK(form("3006020101020101"));
  CHECK(form("300702020080020101"));
  for (auto wrong : {"", "30", "3000", "3003020101", "3006020100020101", "3006020180020101",
                     "300702020001020101", "3009020101020101020101", "300602010102010100", "3080020101020101",
                     "308106020101020101", "3006030101020101", "30050200020101", "3106020101020101"})
    CHECK_FALSE(form(wrong));
  auto number = [](std::size_t size) {
    return "02" + to_hex(bytes{std::byte(size)}) + std::string(size * 2, '7');
  };
  CHECK(form(("3026" + number(33) + "020101").c_str()));
  CHECK_FALSE(form(("3027" + number(34) + "020101").c_str()));
}

TEST_CASE("what the CA signed counts as what it was signed for alone") {
  using extension = openssl::owner<X509_EXTENSION, X509_EXTENSION_free>;
  const auto& by = foreign();
  auto ca = by.network.trust();
  auto made = [&](auto change) {
    auto certificate = openssl::certificate_from_der(by.good);
    change(certificate.get());
    X509_sign(certificate.get(), by.ca_key.get(), EVP_sha256());
    return ca->check(openssl::to_der<i2d_X509>(certificate.get()), noon);
  };
  auto add = [](int nid, const char* value) {
    return [=](X509* to) {
      extension more{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
      REQUIRE(more);
      X509_add_ext(to, more.get(), -1);
    };
  };
  CHECK(made([](X509*) {}));
  CHECK(made(add(NID_subject_alt_name, "DNS:host1.example")));
  auto why = made([](X509* of) {
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(of), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("more"), -1, -1, 0);
  });
  CHECK_THAT(why.error().text, Contains("not of this network's CA"));
  why = made(add(NID_sinfo_access, "critical,caRepository;URI:http://ca.example"));
  CHECK_THAT(why.error().text, Contains("extensions that hublink does not know"));
  auto replace = [](X509* in, int nid, const char* value) {
    extension was{X509_delete_ext(in, X509_get_ext_by_NID(in, nid, -1))};
    extension is{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
    X509_add_ext(in, is.get(), -1);
  };
  why = made([&](X509* of) {
    replace(of, NID_basic_constraints, "critical,CA:TRUE");
    replace(of, NID_key_usage, "critical,keyCertSign");
  });
  CHECK_THAT(why.error().text, Contains("one of a CA"));
}

TEST_CASE("a list of another CA's name, or of a part of its certificates, is none") {
  const auto& by = foreign();
  auto ca = *trust::make(by.network.ca().cert_pem, by.network.crl());
  auto made = [&](auto change) {
    auto list = openssl::revocation_list{openssl::from_pem<PEM_read_bio_X509_CRL>(by.network.crl())};
    change(list.get());
    X509_CRL_sign(list.get(), by.ca_key.get(), EVP_sha256());
    auto text = openssl::writer();
    PEM_write_bio_X509_CRL(text.get(), list.get());
    return ca->renew(openssl::text(text.get()));
  };
  CHECK(made([](X509_CRL*) {}));
  auto why = made([](X509_CRL* of) {
    auto name = X509_NAME_dup(X509_CRL_get_issuer(of));
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("more"), -1,
                               -1, 0);
    X509_CRL_set_issuer_name(of, name);
    X509_NAME_free(name);
  });
  CHECK(why.error().code == errc::bad_config);
  why = made([](X509_CRL* of) {
    openssl::owner<X509_EXTENSION, X509_EXTENSION_free> part{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_issuing_distribution_point, "critical,onlyuser:TRUE")};
    REQUIRE(part);
    X509_CRL_add_ext(of, part.get(), -1);
  });
  CHECK(why.error().code == errc::bad_config);
}
