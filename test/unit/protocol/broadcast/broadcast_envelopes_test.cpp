// Nobody signs a broadcast's envelopes: what a hub can do to them.
#include "broadcast_checks.hpp"

#include "protocol/broadcast/envelope_batch.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

byte_view body_of(const passing_record& record) { return byte_view{record.whole}.subspan(record_head); }

/// Puts `change` between the ends of a circuit: what it makes of envelopes goes on instead of them.
hub changing(record_type type, std::function<envelopes_record(envelopes_record)> change) {
  return [=](const passing_record& record) {
    if (record.type != type) return std::vector<bytes>{record.whole};
    bool packed = type == record_type::batch;
    auto said = packed ? unpack_envelopes(body_of(record)) : decode_envelopes(body_of(record));
    REQUIRE(said);
    auto changed = change(std::move(*said));
    return std::vector<bytes>{make_record(type, packed ? pack_envelopes(changed) : encode(changed))};
  };
}

envelopes_record exchanged(envelopes_record said) {
  std::swap(said.by_name.at("HOST2"), said.by_name.at("HOST3"));
  return said;
}

} // namespace

TEST_CASE("a receiver takes no envelope but the one that the sender made for it, for this attempt") {
  broadcast_lab lab({"HOST2", "HOST3"}), other({"HOST2", "HOST3"});
  other.sending.sending.offer.attempt = 2;
  lab_point point({"HOST2", "HOST3"}), elsewhere({"HOST2", "HOST3"});
  other.connect_sender(elsewhere);
  other.run();
  auto of = [](const lab_point& at, const char* name) { return at.held->at(1).part->envelopes.at(name); };
  auto own = [&](std::uint32_t attempt) {
    header_record header;
    header.transfer = lab.sending.sending.offer.transfer;
    header.attempt = attempt;
    auto info = envelope_info(lab.ca->network(), header, "HOST1", "HOST2");
    return *lab.ca->seal(content_key{std::byte{1}}, lab.receivers.at("HOST2")->certificate(), info);
  };
  lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  auto code = errc::tampered;
  std::string text;
  std::function<envelopes_record()> shown;
  SECTION("none") {
    code = errc::bad_message, text = "no envelope for HOST2";
    shown = [] { return envelopes_record{}; };
  }
  SECTION("another receiver's") {
    code = errc::bad_message, text = "no envelope for HOST2";
    shown = [&] { return envelopes_record{{{"HOST3", of(point, "HOST3")}}}; };
  }
  SECTION("another receiver's, as if it were this one's") {
    text = "not made for this node";
    shown = [&] { return envelopes_record{{{"HOST2", of(point, "HOST3")}}}; };
  }
  SECTION("of another attempt") {
    text = "not made for this node and transfer";
    shown = [&] { return envelopes_record{{{"HOST2", of(elsewhere, "HOST2")}}}; };
  }
  SECTION("the hub's own") {
    text = "another key";
    shown = [&] { return envelopes_record{{{"HOST2", own(1)}}}; };
  }
  SECTION("the hub's own, for another attempt") {
    text = "not made for this node and transfer";
    shown = [&] { return envelopes_record{{{"HOST2", own(2)}}}; };
  }
  SECTION("one of an earlier version's length") {
    code = errc::bad_message, text = "record envelopes";
    shown = [&] { return envelopes_record{{{"HOST2", bytes(284)}}}; };
  }
  two.on_the_way = changing(record_type::envelopes, [&](const envelopes_record&) { return shown(); });
  lab.run();
  CHECK(two.far.code() == code);
  CHECK_THAT(two.far.text(), Contains(text));
  CHECK(two.far.target.wanted.transfer.empty()); // not even a partial file was made
  CHECK_FALSE(two.far.target.published);
  check_whole(lab, three);
}

TEST_CASE("envelopes that were exchanged on the way to the point open for nobody, and come again") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"});
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    auto& two = lab.connect_receiver(point, "HOST2");
    auto& three = lab.connect_receiver(point, "HOST3");
    first.on_the_way = changing(record_type::batch, exchanged);
    lab.run(seed);
    INFO("seed " << seed);
    for (auto* at : {&two, &three}) {
      CHECK(at->far.code() == errc::tampered);
      CHECK_FALSE(at->far.target.published);
    }
    CHECK_FALSE(first.near.done());
    CHECK(point.held->is_distrusted()); // two said so

    begin_second_attempt(lab, first);
    point.board->begin_attempt();
    auto& again = lab.connect_sender(point);
    auto& two_again = lab.connect_receiver(point, "HOST2");
    auto& three_again = lab.connect_receiver(point, "HOST3");
    lab.run(seed);
    INFO(again.near.text());
    CHECK(again.near.done());
    check_whole(lab, two_again);
    check_whole(lab, three_again);
  }
}

TEST_CASE("a point keeps no envelope for a receiver that it does not plan for") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  first.on_the_way = changing(record_type::batch, [](envelopes_record said) {
    said.by_name["HOST4"] = said.by_name.at("HOST3");
    return said;
  });
  lab.run();
  CHECK(first.near.done());
  check_whole(lab, two);
  check_whole(lab, three);
  CHECK(point.held->at(1).part->envelopes.size() == 2);
}

TEST_CASE("a point takes each receiver's envelope once, and no more of them than anybody may send") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  SECTION("twice") {
    first.on_the_way = [](const passing_record& record) {
      std::vector<bytes> out{record.whole};
      if (record.type == record_type::batch) out.push_back(record.whole);
      return out;
    };
    lab.run();
    CHECK_THAT(first.far.text(), Contains("two envelopes for HOST2"));
  }
  SECTION("without end") {
    envelopes_record many;
    for (std::size_t i = 0; i < most_in_batch; ++i)
      many.by_name["R" + std::to_string(i)] = bytes(envelope_size);
    auto more = make_record(record_type::batch, pack_envelopes(many));
    first.on_the_way = [&](const passing_record& record) {
      if (record.type != record_type::batch) return std::vector<bytes>{record.whole};
      return std::vector<bytes>(600, more);
    };
    lab.run();
    CHECK_THAT(first.far.text(), Contains("too many envelopes"));
  }
  CHECK(first.near.code() == errc::bad_message);
  CHECK_FALSE(point.held->at(1).part);
}

TEST_CASE("hundreds of receivers behind another point come in several batches, each receiver with its own") {
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) names.push_back("R" + std::to_string(i));
  broadcast_lab lab(names);
  lab_point upper(names), lower(names);
  auto& first = lab.connect_sender(upper);
  auto& between = lab.connect_point(upper, lower, names);
  auto& last = lab.connect_receiver(lower, "R149");
  lab.run();
  for (auto* at : {&first, &between}) CHECK(count(*at, record_type::batch) == 5);
  check_whole(lab, last);
  CHECK(count(last, record_type::envelopes) == 1);
  CHECK(lower.held->at(1).part->envelopes == upper.held->at(1).part->envelopes);
  CHECK(lower.held->at(1).part->envelopes.size() == 150);
}
