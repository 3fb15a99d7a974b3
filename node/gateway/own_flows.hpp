#pragma once
/// Flows of datagrams whose calling and called gateway are this one node. One thread.
#include "node/gateway/flow_line.hpp"

#include <asio/io_context.hpp>

namespace hublink {

class calling_datagrams;
class called_datagrams;

class own_flows {
 public:
  own_flows(asio::io_context& context, std::string node);
  ~own_flows();

  /// Before the first flow. Both outlive it.
  void join(calling_datagrams& calling, called_datagrams& called);
  /// What leads from the calling side to the called one.
  std::shared_ptr<flow_line> calling() const;

 private:
  class own_end;
  class calling_end;
  class called_end;

  std::shared_ptr<calling_end> calling_;
  std::shared_ptr<called_end> called_;
};

} // namespace hublink
