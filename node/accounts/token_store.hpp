#pragma once
/// Keys of programs that come in over HTTP: a name, rights and an end. The text of one is shown once, when it
/// is made; kept is its hash, in `DIR/tokens`. Of any node. Thread-safe.
#include "node/accounts/rights.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct token_row {
  account who;      ///< its name is the token's
  std::string user; ///< a manager's: by whose sessions commands of it go; empty: of the only one who is in
  std::int64_t made_ms = 0, until_ms = 0;
  std::int64_t used_ms = 0; ///< last; 0: never. On disk up to a minute late
};

class token_store {
 public:
  using clock = std::function<std::int64_t()>; ///< ms since 1970

  /// `bad_config` with the file: it is damaged, or others may write it.
  static outcome<std::unique_ptr<token_store>> open(const std::filesystem::path& data, clock now_ms);
  ~token_store();

  /// The token's text. Fails with `bad_config` where there is one of that name, or too many, and with what
  /// writing failed with.
  outcome<std::string> add(token_row row);
  /// False: there is none of that name.
  outcome<bool> remove(const std::string& name);
  std::vector<token_row> list() const;
  std::optional<token_row> find(const std::string& name) const;
  /// Whose text that is, if it has not ended; notes the use.
  std::optional<token_row> check(std::string_view text);

 private:
  struct kept {
    token_row row;
    std::string hash; ///< SHA-256 of the text, hex
  };

  token_store(std::filesystem::path file, clock now_ms)
      : file_(std::move(file)), now_ms_(std::move(now_ms)) {}
  outcome<> read();
  outcome<> write() const;

  std::filesystem::path file_;
  clock now_ms_;
  mutable std::mutex lock_;
  std::map<std::string, kept> by_name_;
  std::int64_t written_ms_ = 0;
  bool has_news_ = false; ///< of uses
};

} // namespace hublink
