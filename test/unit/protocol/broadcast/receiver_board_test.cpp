/// The board of a broadcast point: who has which result, and for whom a store waits.
#include "protocol/broadcast/receiver_board.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

using names = std::vector<std::string>;

const failure down{errc::hop_down, "ServerB", "can't reach HOST2"};

branch_record receipt_of(const std::string& name) { return {name, record_type::receipt, bytes(3), {}, {}}; }

void refuse(receiver_board& board, const std::string& name, const failure& why) {
  board.keep_refusal(name, bytes(2), why);
  board.give_up(name, why);
}

std::vector<branch_record> all_news(const receiver_board& board) {
  std::size_t told = 0;
  return board.news(told);
}

} // namespace

TEST_CASE("without a store, who can't be had has failed") {
  receiver_board board{{"HOST2", "HOST3"}};
  board.give_up("HOST2", down);
  CHECK(board.is_settled("HOST2"));
  CHECK(board.waiting().empty());
  CHECK_FALSE(board.is_open("HOST2"));
  CHECK(all_news(board).front().why.code == errc::hop_down);
}

TEST_CASE("a store waits for who can't be had, not for who refuses") {
  receiver_board board{{"HOST2", "HOST3"}};
  board.wait_for_unreachable("ServerB");
  board.give_up("HOST2", down);
  refuse(board, "HOST3", said_by_end({errc::file_exists, "HOST3", "there is one"}));
  CHECK(board.waiting() == names{"HOST2"});
  CHECK(board.is_settled("HOST2"));
  CHECK(board.is_open("HOST2"));
  CHECK(board.all_settled());
  CHECK_FALSE(board.all_done());
  CHECK(all_news(board).front().why.code == errc::stored);
  CHECK(all_news(board).front().why.hop == "ServerB");
  CHECK_FALSE(board.is_open("HOST3"));
}

TEST_CASE("a store waits behind a line that alters, and for whom a hub speaks") {
  receiver_board board{{"HOST2", "HOST3"}};
  board.wait_for_unreachable("ServerB");
  refuse(board, "HOST2", said_by_end({errc::tampered, "HOST2", "chunk 3 did not open"}));
  board.give_up("HOST3", {errc::not_authorised, "ServerC", "HOST3 is not for you"});
  CHECK(board.waiting() == names{"HOST2", "HOST3"});
}

TEST_CASE("who is asked again has no result until it comes, and its next one counts") {
  receiver_board board{{"HOST2"}};
  board.wait_for_unreachable("ServerB");
  board.give_up("HOST2", down);
  board.ask_again({"HOST2"});
  CHECK_FALSE(board.is_settled("HOST2"));
  CHECK(board.unsettled() == names{"HOST2"});
  CHECK(board.all_settled()); // the sender has heard of it
  board.give_up("HOST2", down);
  CHECK(board.is_settled("HOST2"));
  CHECK(all_news(board).size() == 1); // no news
  board.ask_again({"HOST2"});
  CHECK(board.say(receipt_of("HOST2")));
  CHECK(board.all_done());
  CHECK(board.waiting().empty());
  CHECK(all_news(board).size() == 2);
  CHECK(board.begin_attempt().empty());
  CHECK(all_news(board).size() == 1); // the receipt
}

TEST_CASE("what has expired stays over in a later attempt, what waits is asked") {
  receiver_board board{{"HOST2", "HOST3", "HOST4"}};
  board.wait_for_unreachable("ServerB");
  board.give_up("HOST2", down);
  board.say({"HOST3", {}, {}, {errc::expired, "ServerB", "too long"}, {}});
  refuse(board, "HOST4", said_by_end({errc::io_error, "HOST4", "disk"}));
  CHECK(board.begin_attempt() == names{"HOST2", "HOST4"});
  CHECK_FALSE(board.is_open("HOST3"));
  CHECK(all_news(board).size() == 1);
}

TEST_CASE("a point's own last word is told once it is kept, and what was said after it") {
  receiver_board board{{"HOST2", "HOST3", "HOST4"}};
  board.tell_only_kept();
  CHECK(board.say(receipt_of("HOST2")));
  board.give_up("HOST3", down);
  CHECK(board.say(receipt_of("HOST4")));
  std::size_t told = 0;
  CHECK(board.to_tell(told).size() == 1);
  CHECK(board.to_tell(told).empty());
  CHECK(all_news(board).size() == 3); // for who writes it down
  board.keep({"HOST2", "HOST3"});
  CHECK(board.to_tell(told).size() == 2);
  CHECK(told == board.size());
}

TEST_CASE("that a store waits is told at once") {
  receiver_board board{{"HOST2"}};
  board.tell_only_kept();
  board.wait_for_unreachable("ServerB");
  board.give_up("HOST2", down);
  std::size_t told = 0;
  CHECK(board.to_tell(told).size() == 1);
}

TEST_CASE("whose receipt proves nothing any more is asked again") {
  receiver_board board{{"HOST2", "HOST3", "HOST4"}};
  CHECK(board.say(receipt_of("HOST2")));
  CHECK(board.say(receipt_of("HOST3")));
  refuse(board, "HOST4", said_by_end({errc::file_exists, "HOST4", "there is one"}));
  board.drop_receipts_unless([](const branch_record& receipt) { return receipt.name != "HOST3"; });
  CHECK_FALSE(board.is_done("HOST3"));
  CHECK(all_news(board).size() == 2);
  CHECK(board.begin_attempt() == names{"HOST3", "HOST4"});
  CHECK(board.say(receipt_of("HOST3")));
  CHECK(board.is_done("HOST3"));
}

TEST_CASE("who is passed over has no result, and is told of once") {
  receiver_board board{{"HOST2", "HOST3"}};
  board.pass_over("HOST2", down);
  CHECK_FALSE(board.is_settled("HOST2"));
  CHECK(all_news(board).empty());
  CHECK(board.take_passed_over() == std::map<std::string, failure>{{"HOST2", down}});
  CHECK(board.take_passed_over().empty());
}

TEST_CASE("of whom all was sent to, only his own word is a failure") {
  receiver_board board{{"HOST2", "HOST3", "HOST4"}};
  board.keep_refusal("HOST2", bytes(2), said_by_end({errc::io_error, "HOST2", "disk"}));
  for (auto name : {"HOST2", "HOST3", "HOST4"}) board.doubt(name);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    board.give_up("HOST2", down);
    refuse(board, "HOST3", said_by_end({errc::tampered, "HOST3", "an offer that came altered"}));
    refuse(board, "HOST4", said_by_end({errc::file_exists, "HOST4", "there is one"}));
    const auto news = all_news(board);
    REQUIRE(news.size() == 3);
    CHECK(news[0].why.code == errc::unconfirmed);
    CHECK(news[0].why.text == "all was sent, but no receipt came: can't reach HOST2");
    CHECK(news[1].why.code == errc::unconfirmed);
    CHECK(news[2].type == record_type::refusal);
    CHECK(board.begin_attempt() == names{"HOST2", "HOST3", "HOST4"});
  }
  CHECK(board.say(receipt_of("HOST2")));
  board.doubt("HOST2");
  CHECK(board.is_done("HOST2"));
}
