#include "test_ca.hpp"

#include <stdexcept>

namespace hublink::test {
namespace {

template <class T>
T must(outcome<T> made) {
  if (!made) throw std::runtime_error{to_string(made.error())}; // fuzz targets have no Catch
  return std::move(*made);
}

} // namespace

test_ca::test_ca(const std::string& network)
    : ca_(must(make_ca(network + " CA", around_noon))), crl_(must(make_crl(ca_, "", "", around_noon))) {}

certified_key test_ca::issue(const std::string& name, role holder, validity when) const {
  return must(hublink::issue(ca_, name, holder, when));
}

std::shared_ptr<const identity> test_ca::identity_of(const std::string& name, role holder,
                                                     validity when) const {
  return to_identity(issue(name, holder, when));
}

std::shared_ptr<const hublink::trust> test_ca::trust() const {
  return must(hublink::trust::make(ca_.cert_pem, crl_));
}

void test_ca::revoke(const certified_key& whose) {
  crl_ = must(make_crl(ca_, crl_, whose.cert_pem, around_noon));
}

std::shared_ptr<const identity> to_identity(const certified_key& from) {
  return must(identity::make(from.cert_pem, from.key_pem));
}

} // namespace hublink::test
