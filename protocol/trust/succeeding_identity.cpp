#include "protocol/trust/credentials.hpp"

namespace hublink {

namespace {

class succeeding_identity final : public identity {
 public:
  succeeding_identity(std::shared_ptr<const identity> newest,
                      std::vector<std::shared_ptr<const identity>> earlier)
      : newest_(std::move(newest)), earlier_(std::move(earlier)) {}

  const std::string& name() const override { return newest_->name(); }
  hublink::role role() const override { return newest_->role(); }
  byte_view certificate() const override { return newest_->certificate(); }
  bytes sign(byte_view data) const override { return newest_->sign(data); }

  outcome<envelope_secret> open_envelope(byte_view envelope, byte_view info) const override {
    auto opened = newest_->open_envelope(envelope, info);
    for (auto before = earlier_.begin(); !opened && before != earlier_.end(); ++before)
      if (auto found = (*before)->open_envelope(envelope, info)) return found;
    return opened;
  }

 private:
  std::shared_ptr<const identity> newest_;
  std::vector<std::shared_ptr<const identity>> earlier_; ///< newest first
};

} // namespace

std::shared_ptr<const identity> identity::succeeding(std::shared_ptr<const identity> newest,
                                                     std::vector<std::shared_ptr<const identity>> earlier) {
  if (earlier.empty()) return newest;
  return std::make_shared<succeeding_identity>(std::move(newest), std::move(earlier));
}

} // namespace hublink
