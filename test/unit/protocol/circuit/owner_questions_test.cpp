#include "protocol/circuit/owner_questions.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a question and an answer that meet nobody are named") {
  CHECK(name_of(question::source{}) == "source");
  CHECK(name_of(question::receivers{}) == "receivers");
  CHECK(unfit(consult_owner{question::request{}}).text == "the end of this circuit must not ask \"request\"");
  CHECK(unfit(verdict{decision::served{}}).text == "the owner's answer \"served\" is to another question");
}

TEST_CASE("an owner is only told what is safe, and what became of receivers") {
  CHECK_FALSE(wants_answer(question::safe{}));
  CHECK_FALSE(wants_answer(question::receivers{}));
  CHECK_FALSE(wants_answer(question::lines{}));
  CHECK(wants_answer(question::load_onward{}));
  CHECK(wants_answer(question::source{}));
  CHECK(wants_answer(question::answer{}));
}
