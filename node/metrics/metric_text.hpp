#pragma once
/// Metrics as Prometheus reads them (text format 0.0.4). Pure.
#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

inline constexpr const char* metric_text_type = "text/plain; version=0.0.4; charset=utf-8";

/// Families with their samples one by one; a name once.
class metric_list {
 public:
  using labels = std::vector<std::pair<std::string, std::string>>;

  void gauge(const std::string& name, const std::string& help, double value, const labels& of = {});
  /// A count that somebody else keeps.
  void counter(const std::string& name, const std::string& help, double value, const labels& of = {});
  void add(std::vector<prometheus::MetricFamily> more);
  std::string text() const;

 private:
  prometheus::MetricFamily& family(const std::string& name, const std::string& help,
                                   prometheus::MetricType type);

  std::vector<prometheus::MetricFamily> families_;
};

/// The texts of several nodes as one: each sample with the label `node`, each family's head once. Lines that
/// are no samples of `hublink_` or `process_` are left out.
std::string joined_metrics(const std::map<std::string, std::string>& by_node);

} // namespace hublink
