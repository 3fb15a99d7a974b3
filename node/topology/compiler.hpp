#pragma once
/// The definition compiler: what each single node has to know, from the whole topology. Pure.
#include "node/topology/network_graph.hpp"

#include <memory>

namespace hublink {

/// The definition of one node of a topology that has no problems. An unknown name gives an empty definition.
definition compile(const topology& net, const std::string& node);

/// Every node's, by name.
std::map<std::string, definition> compile_all(const topology& net);

/// One definition at a time: those of a large network together would fill the memory. Thread-safe.
class network_compiler {
 public:
  /// Of a topology that has no problems.
  explicit network_compiler(topology net);
  ~network_compiler();

  const topology& net() const;
  /// As the function of that name.
  definition compile(const std::string& node) const;

 private:
  struct whole;
  std::unique_ptr<const whole> whole_;
};

} // namespace hublink
