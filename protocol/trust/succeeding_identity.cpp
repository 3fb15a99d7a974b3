#include "protocol/trust/credentials.hpp"

namespace hublink {

namespace {

class succeeding_identity final : public identity {
 public:
  explicit succeeding_identity(std::vector<std::shared_ptr<const identity>> all) : all_(std::move(all)) {}

  const std::string& name() const override { return newest().name(); }
  hublink::role role() const override { return newest().role(); }
  byte_view certificate() const override { return newest().certificate(); }
  bytes sign(byte_view data) const override { return newest().sign(data); }

  outcome<envelope_secret> open_envelope(byte_view envelope, byte_view info) const override {
    auto opened = newest().open_envelope(envelope, info);
    for (auto before = all_.begin() + 1; !opened && before != all_.end(); ++before)
      if (auto found = (*before)->open_envelope(envelope, info)) return found;
    return opened;
  }

 private:
  const identity& newest() const { return *all_.front(); }

  std::vector<std::shared_ptr<const identity>> all_; ///< newest first
};

} // namespace

std::shared_ptr<const identity> identity::succeeding(std::vector<std::shared_ptr<const identity>> all) {
  if (all.size() == 1) return all.front();
  return std::make_shared<succeeding_identity>(std::move(all));
}

} // namespace hublink
