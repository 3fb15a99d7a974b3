#include "node/requests/scram_login.hpp"
#include "node/base/json_text.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

class scram_login : public login_dialogue, public std::enable_shared_from_this<scram_login> {
 public:
  scram_login(std::string user, std::shared_ptr<const hublink::secret> secret, password_stretcher& stretcher,
              login_told told)
      : user_(std::move(user)), secret_(std::move(secret)), stretcher_(stretcher), told_(std::move(told)) {}

  void begin(const link_up& over, next say) override {
    if (over.version < version_of_proofs)
      return say(failure{errc::bad_message,
                         {},
                         over.peer + " speaks an earlier version, in which a login hands the password over; "
                                     "upgrade it"});
    bytes nonce(24);
    randombytes_buf(nonce.data(), nonce.size());
    client_.emplace(user_, to_hex(nonce), over.binding);
    say_text(client_->first(), say);
  }

  void take(const std::string& answer, next say) override {
    auto read = read_json_object(answer);
    auto server_text = read ? field_text(*read, "scram") : std::string{};
    if (proved_) {
      auto genuine = client_->check(server_text);
      if (genuine && told_) told_(allowed_by(*read));
      return genuine ? say(std::optional<std::string>{}) : say(genuine.error());
    }
    auto recipe = client_->read_first(server_text);
    if (!recipe) return say(recipe.error());
    auto prove = [self = shared_from_this(), say](outcome<scram::key> key) {
      if (!key) return say(key.error());
      self->proved_ = true;
      auto text = self->client_->final(*key);
      OPENSSL_cleanse(key->data(), key->size());
      self->say_text(text, say);
    };
    stretcher_.stretch(std::exchange(secret_, {}), *recipe, std::move(prove));
  }

 private:
  /// An earlier version does not say it: nothing.
  account allowed_by(const json& answer) const {
    account made{.name = user_};
    if (auto rights = rights_from_text(field_text(answer, "rights"))) made.rights = *rights;
    for (const auto& file : field_list(answer, "transfers")) made.files.insert(text_of(file));
    return made;
  }

  void say_text(const std::string& text, const next& say) const {
    say(std::optional{to_line(json{{"verb", "login"}, {"scram", text}})});
  }

  std::string user_;
  std::shared_ptr<const hublink::secret> secret_; ///< until it was made into a key
  password_stretcher& stretcher_;
  login_told told_;
  std::optional<scram::client> client_;
  bool proved_ = false;
};

} // namespace

login_maker make_logins(std::string user, std::shared_ptr<const hublink::secret> secret,
                        password_stretcher& stretcher, login_told told) {
  return [user = std::move(user), secret = std::move(secret), &stretcher, told = std::move(told)] {
    return std::make_shared<scram_login>(user, secret, stretcher, told);
  };
}

} // namespace hublink
