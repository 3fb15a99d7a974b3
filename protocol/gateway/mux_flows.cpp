#include "protocol/gateway/mux_flows.hpp"

namespace hublink {

mux_id mux_flows::open(const mux_target& target) {
  auto id = streams_.next_number();
  append_target(control_, mux_type::flow, id, target);
  return id;
}

void mux_flows::send(mux_id flow, byte_view data) {
  if (data.size() > mux_max_datagram) {
    ++counts_.dropped;
    return;
  }
  counts_.dropped += waiting_.push({mux_type::datagram, flow, {data.begin(), data.end()}});
}

void mux_flows::send_beside(mux_id flow, const endpoint& where, byte_view data) {
  if (data.size() > mux_max_datagram) {
    ++counts_.dropped;
    return;
  }
  counts_.dropped += waiting_.push({mux_type::beside, flow, beside_body(where, data)});
}

void mux_flows::end(mux_id flow, const mux_refusal& why) {
  if (waiting_.empty()) return append_refusal(control_, mux_type::flow_end, flow, why);
  bytes frame;
  append_refusal(frame, mux_type::flow_end, flow, why);
  waiting_.push({mux_type::flow_end, flow, {frame.begin() + mux_head_size, frame.end()}});
}

bool mux_flows::produce(mux_buffer& out) {
  if (waiting_.empty()) return false;
  auto next = waiting_.pop();
  put_head(out.room(mux_head_size).data(),
           {static_cast<std::uint32_t>(next.body.size()), next.type, next.flow});
  out.added(mux_head_size);
  out.append(next.body);
  if (next.type != mux_type::flow_end) ++counts_.out;
  return true;
}

outcome<> mux_flows::take(const mux_head& head, byte_view body, clock::time_point now) {
  auto wrong = [](const char* what) {
    return failure{errc::bad_message, {}, std::string("the gateway link brought ") + what};
  };
  const auto flow = head.stream;
  if (head.type == mux_type::flow) {
    auto target = read_target(body);
    if (!target) return target.error();
    if (!streams_.take_peers_number(flow)) return wrong("a stream number out of turn");
    if (streams_.may_open_now(now))
      port_.flow_asked(flow, *target);
    else
      end(flow, {mux_reason::busy, "opened too fast"});
    return {};
  }
  if (!streams_.existed(flow)) return wrong("what belongs to an unknown flow");
  if (head.type == mux_type::flow_end) {
    auto why = read_refusal(body);
    if (!why) return why.error();
    port_.flow_ended(flow, *why);
  } else if (head.type == mux_type::flow_rules) {
    auto rules = read_flow_rules(body);
    if (!rules) return rules.error();
    port_.flow_ruled(flow, *rules);
  } else if (head.type == mux_type::beside) {
    auto read = read_beside(body);
    if (!read) return read.error();
    ++counts_.in;
    port_.datagram_beside(flow, read->where, read->data);
  } else {
    ++counts_.in;
    port_.datagram(flow, body);
  }
  return {};
}

} // namespace hublink
