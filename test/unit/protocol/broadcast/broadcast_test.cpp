#include "broadcast_checks.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
TEST_CASE("a broadcast reaches every receiver, each chunk once on the way to the point") {
  auto size = GENERATE(std::size_t(0), std::size_t(1), std::size_t(16), std::size_t(17), std::size_t(500));
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"}, size);
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    auto& two = lab.connect_receiver(point, "HOST2");
    auto& three = lab.connect_receiver(point, "HOST3");
    lab.run(seed);
    INFO("size " << size << ", seed " << seed << ", sender: " << first.near.text()
                 << ", point: " << first.far.text());
    CHECK(first.near.done());
    CHECK(first.far.done());
    for (auto* at : {&two, &three}) {
      check_whole(lab, *at);
      CHECK(at->near.done());
      CHECK(count(*at, record_type::envelopes) == 1);
    }
    CHECK(count(first, record_type::batch) == 1);
    CHECK(count(first, record_type::chunk) == 1 + chunk_count(size, 16));
    CHECK(first.near.end->digest() == sha256_of(lab.source.content));
    REQUIRE(first.near.results.size() == 2);
    CHECK(first.near.results[0].result);
  }
}

TEST_CASE("a broadcast's offer names nobody, and a branch gets no other's envelope") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.connect_receiver(point, "HOST3");
  lab.run();
  REQUIRE(two.far.done());
  for (const auto& record : two.recorded) {
    CHECK(std::string(as_text(record.whole)).find("HOST3") == std::string::npos);
    if (record.type == record_type::offer)
      CHECK(std::string(as_text(record.whole)).find("HOST2") == std::string::npos);
  }
}

TEST_CASE("through two broadcast points the file goes once from one to the other") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3", "HOST4"}, 300);
    lab_point upper({"HOST2", "HOST3", "HOST4"}), lower({"HOST3", "HOST4"});
    auto& first = lab.connect_sender(upper);
    auto& two = lab.connect_receiver(upper, "HOST2");
    auto& between = lab.connect_point(upper, lower, {"HOST3", "HOST4"});
    auto& three = lab.connect_receiver(lower, "HOST3");
    auto& four = lab.connect_receiver(lower, "HOST4");
    lab.run(seed);
    INFO("seed " << seed << ", sender: " << first.near.text() << ", between: " << between.near.text() << ", "
                 << between.far.text());
    CHECK(first.near.done());
    CHECK(between.near.done());
    CHECK(between.far.done());
    for (auto* at : {&two, &three, &four}) check_whole(lab, *at);
    CHECK(count(between, record_type::chunk) == 1 + chunk_count(300, 16));
    CHECK(count(between, record_type::batch) == 1);
  }
}

TEST_CASE("a receiver that can't be had fails for itself alone") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  point.board->give_up("HOST3", {errc::hop_down, "ServerC", "can't be reached"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  check_whole(lab, two);
  CHECK(first.near.code() == errc::hop_down);
  CHECK_THAT(first.near.text(), Contains("HOST3: can't be reached"));
  CHECK(first.near.results.size() == 2);
}

TEST_CASE("if nobody can be had, nothing more is sent") {
  broadcast_lab lab({"HOST2", "HOST3"}, 100'000);
  lab_point point({"HOST2", "HOST3"});
  for (auto name : {"HOST2", "HOST3"}) point.board->give_up(name, {errc::hop_down, {}, "can't be reached"});
  auto& first = lab.connect_sender(point);
  lab.run();
  CHECK(first.near.code() == errc::hop_down);
  CHECK(count(first, record_type::chunk) < 1000);
}

TEST_CASE("a receiver's own refusal comes to the sender with its signature") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  three.far.owner.answers<question::offer>(decision::refuse{{errc::superseded, {}, "a later one is there"}});
  // Its owner would give it up once the branch has ended; here it has said so already.
  for (unsigned seed = 1; seed < 3; ++seed) {
    lab.run(seed);
    if (three.near.result && !point.board->is_settled("HOST3"))
      point.board->give_up("HOST3", three.near.result->error());
  }
  CHECK(three.near.code() == errc::superseded);
  REQUIRE(point.board->is_settled("HOST3"));
}

TEST_CASE("a sender that needs no receipts ends once all is durable at the point") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab.sending.until_spooled = true;
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  lab.after_checkpoint = [&] { confirm(point); };
  lab.run();
  INFO(first.near.text());
  CHECK(first.near.done());
  CHECK(first.near.results.empty());
  CHECK(count(first, record_type::spool_ready) == 2);
}

TEST_CASE("that a store waits for somebody counts only once all is durable there") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2"});
    lab_point point({"HOST2"});
    point.board->wait_for_unreachable("ServerB");
    point.board->give_up("HOST2", {errc::hop_down, "ServerB", "can't reach HOST2"});
    auto& first = lab.connect_sender(point);
    const bool breaks = seed % 2 == 0;
    if (breaks) first.cut_after = 3;
    lab.after_checkpoint = [&] { confirm(point); };
    lab.run(seed);
    INFO("seed " << seed << ": " << first.near.text());
    CHECK((first.near.code() == errc::stored) == !breaks);
    CHECK(first.near.results.empty() == breaks);
  }
}

TEST_CASE("of a sender that has closed, a point knows whether it has all words") {
  unsigned left_before = 0, heard_all = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"});
    lab.sending.until_spooled = true;
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    auto& two = lab.connect_receiver(point, "HOST2");
    auto& three = lab.connect_receiver(point, "HOST3");
    if (seed % 4 != 0) lab.after_checkpoint = [&] { confirm(point); }; // else the sender waits for all
    lab.run(seed);
    INFO("seed " << seed << ", sender: " << first.near.text() << ", point: " << first.far.text());
    CHECK(first.near.done());
    for (auto* at : {&two, &three}) check_whole(lab, *at);
    const auto heard = first.near.results.size();
    CHECK((first.far.done() && first.far.place->all_heard) == (heard == 2));
    (heard < 2 ? left_before : heard_all) += 1;
  }
  CHECK(left_before > 0);
  CHECK(heard_all > 0);
}

TEST_CASE("a spool without room refuses at once, in its own name") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  first.far.broken_create = failure{errc::no_space, {}, "the spool is full"};
  lab.run();
  CHECK(first.near.code() == errc::no_space);
  CHECK(first.near.result->error().hop == "ServerB");
  CHECK(count(first, record_type::chunk) == 0);
}

TEST_CASE("a recipient without a certificate that counts is told before anything is sent") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.sending.certificates.erase("HOST3");
  auto& first = lab.connect_sender(point);
  lab.run();
  CHECK(first.near.code() == errc::bad_config);
  CHECK_THAT(first.near.text(), Contains("no certificate of HOST3"));
  CHECK(first.recorded.empty());
}

TEST_CASE("a recipient whose certificate counts no more ends it for himself alone") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  const std::chrono::hours day{24};
  auto ended = lab.network.identity_of("HOST3", role::client, {noon - 2 * day, noon - day});
  lab.sending.certificates["HOST3"] = {ended->certificate().begin(), ended->certificate().end()};
  SECTION("the others get it") {
    auto& first = lab.connect_sender(point);
    auto& second = lab.connect_receiver(point, "HOST2");
    lab.run();
    CHECK(first.near.code() == errc::not_authorised);
    CHECK_THAT(first.near.text(), Contains("HOST3") && Contains("expired"));
    CHECK(second.far.target.published);
    REQUIRE(first.near.results.size() == 2);
    CHECK_FALSE(first.near.results.front().result);
    CHECK(first.near.results.back().result);
  }
  SECTION("where there are no others, nothing is sent") {
    lab.sending.sending.offer.recipients = {"HOST3"};
    lab.sending.certificates.erase("HOST2");
    auto& first = lab.connect_sender(point);
    lab.run();
    CHECK(first.near.code() == errc::not_authorised);
    CHECK(first.recorded.empty());
  }
}

TEST_CASE(
    "a chunk that was altered before the spool reaches nobody, and the next attempt fills the spool anew") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  first.on_the_way = [chunks = 0](const passing_record& record) mutable {
    bool hit = record.type == record_type::chunk && ++chunks == 4;
    return std::vector<bytes>{hit ? with_flipped_bit(record.whole, -3) : record.whole};
  };
  lab.run();
  for (auto* at : {&two, &three}) {
    CHECK(at->far.code() == errc::tampered);
    CHECK_FALSE(at->far.target.published);
    CHECK(at->near.code() == errc::tampered);
  }
  CHECK_FALSE(first.near.done());
  CHECK(point.held->is_distrusted()); // two said so
  begin_second_attempt(lab, first);
  keep(lab, "HOST2", two);
  point.board->begin_attempt();
  auto& again = lab.connect_sender(point);
  auto& two_again = lab.connect_receiver(point, "HOST2");
  auto& three_again = lab.connect_receiver(point, "HOST3");
  lab.run();
  INFO(again.near.text());
  CHECK(again.near.done());
  check_whole(lab, two_again);
  check_whole(lab, three_again);
}

TEST_CASE("records of a broadcast that are altered are noticed by their readers") {
  auto type = GENERATE(record_type::offer, record_type::segment, record_type::header, record_type::batch,
                       record_type::end, record_type::spool_ready);
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.connect_receiver(point, "HOST3");
  first.on_the_way = [=](const passing_record& record) {
    return std::vector<bytes>{record.type == type ? with_flipped_bit(record.whole, -1) : record.whole};
  };
  lab.run();
  INFO(to_string(type) << ": " << first.near.text() << ", " << first.far.text());
  CHECK_FALSE(first.near.done());
  CHECK_FALSE(two.far.target.published);
}

TEST_CASE("records that are altered on the way to a receiver are noticed there") {
  auto type = GENERATE(record_type::offer, record_type::segment, record_type::header, record_type::envelopes,
                       record_type::chunk, record_type::end);
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  two.on_the_way = [=](const passing_record& record) {
    return std::vector<bytes>{record.type == type ? with_flipped_bit(record.whole, -1) : record.whole};
  };
  lab.run();
  INFO(to_string(type) << ": " << two.far.text() << ", " << two.near.text());
  CHECK_FALSE(two.far.done());
  CHECK_FALSE(two.far.target.published);
  check_whole(lab, three);
  CHECK_FALSE(first.near.done());
}

TEST_CASE("one receiver's receipt does not pass for another's") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  lab.connect_receiver(point, "HOST2");
  first.on_the_way = [](const passing_record& record) {
    std::vector<bytes> out{record.whole};
    if (record.type != record_type::branch) return out;
    auto said = decode_branch(byte_view{record.whole}.subspan(record_head));
    if (said && said->name == "HOST2") {
      said->name = "HOST3";
      out.push_back(make_record(record_type::branch, encode(*said)));
    }
    return out;
  };
  lab.run();
  CHECK_FALSE(first.near.done());
  CHECK_THAT(first.near.text(), Contains("receipt of HOST3"));
}

TEST_CASE("whom a lower point has no way to is passed over: perhaps the upper one has") {
  const bool at_home = GENERATE(false, true);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"});
    lab_point upper({"HOST2", "HOST3"}), lower({"HOST2", "HOST3"});
    lower.board->give_up("HOST3", {errc::hop_down, "ServerC", "can't be reached", evidence::seen, at_home});
    lab.connect_sender(upper);
    auto& between = lab.connect_point(upper, lower, {"HOST2", "HOST3"});
    auto& two = lab.connect_receiver(lower, "HOST2");
    lab.run(seed);
    INFO("seed " << seed << ": " << between.near.text());
    CHECK(between.near.done());
    check_whole(lab, two);
    auto passed_over = upper.board->take_passed_over();
    CHECK(passed_over.count("HOST3") ==
          (at_home ? 0 : 1)); // its home server knows that no other way leads there
    CHECK(upper.board->is_settled("HOST3") == at_home);
  }
}

TEST_CASE("a word that was lost on the way is told again with the next sign of life") {
  const std::string lost = GENERATE("HOST2", "HOST3");
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point upper({"HOST2", "HOST3"}), lower({"HOST2", "HOST3"});
  lower.board->give_up("HOST3", {errc::hop_down, "ServerC", "can't be reached"});
  lab.connect_sender(upper);
  auto& between = lab.connect_point(upper, lower, {"HOST2", "HOST3"});
  auto& two = lab.connect_receiver(lower, "HOST2");
  std::map<std::string, int> words;
  between.on_the_way = [&](const passing_record& record) {
    std::vector<bytes> out{record.whole};
    if (record.type != record_type::branch) return out;
    auto said = decode_branch(byte_view{record.whole}.subspan(record_head));
    if (++words[said->name] == 1 && said->name == lost) out.clear();
    if (words.size() == 2) lower.board->give_sign();
    return out;
  };
  lab.run();
  INFO(between.near.text() << ", " << words["HOST2"] << ", " << words["HOST3"]);
  CHECK(between.near.done());
  CHECK(words[lost] > 1);
  CHECK(upper.board->is_done("HOST2"));
  CHECK(upper.board->take_passed_over().size() == 1);
  check_whole(lab, two);
}
