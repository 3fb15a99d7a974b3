/// What is known of a connection stands at its socket, whole, for whoever has it.
#include "node/wrap/note.cpp" // of the library, which is linked into programs alone
#include "node/wrap/note_text.cpp"
#include "support/catch.hpp"

#include "node/base/unique_fd.hpp"

#include <random>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hublink {

namespace {

using wrap::note;

note any_note(std::mt19937_64& random) {
  note what{};
  for (auto& octet : what.original.octets) octet = static_cast<unsigned char>(random());
  what.original.v6 = random() % 2;
  what.original.port = static_cast<std::uint16_t>(random());
  what.opening = static_cast<std::uint32_t>(random());
  what.low_water = static_cast<int>(random());
  what.at_close = {static_cast<int>(random() % 2), static_cast<int>(random())};
  what.user_timeout_ms = static_cast<unsigned>(random());
  what.owner = static_cast<pid_t>(random());
  return what;
}

note extreme_note(unsigned char octet) {
  note what{};
  auto most = octet ? 0xffffffff : 0;
  std::fill_n(what.original.octets, 16, octet);
  what.original.v6 = octet;
  what.original.port = static_cast<std::uint16_t>(most);
  what.opening = what.user_timeout_ms = most;
  what.low_water = static_cast<int>(most);
  what.at_close = {octet != 0, static_cast<int>(most)};
  what.owner = static_cast<pid_t>(most);
  return what;
}

bool are_same(const note& one, const note& two) {
  return one.original == two.original && one.opening == two.opening && one.low_water == two.low_water &&
         one.at_close.l_onoff == two.at_close.l_onoff && one.at_close.l_linger == two.at_close.l_linger &&
         one.user_timeout_ms == two.user_timeout_ms && one.owner == two.owner;
}

bool has_note(int fd, const note& wanted) {
  note found{};
  return wrap::read_note(fd, found) && are_same(found, wanted);
}

unique_fd a_socket(int type = SOCK_STREAM) { return unique_fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)}; }

} // namespace

TEST_CASE("a note is read as it was written", "[wrap]") {
  std::mt19937_64 random{4711};
  auto one = a_socket(), of_datagrams = a_socket(SOCK_DGRAM);
  note found;
  REQUIRE_FALSE(wrap::read_note(one.get(), found));
  for (int i = 0; i < 2'000; ++i) {
    auto what = i < 2 ? extreme_note(i ? 0xff : 0) : any_note(random);
    REQUIRE(wrap::write_note(one.get(), what));
    REQUIRE(has_note(one.get(), what));
  }
  REQUIRE_FALSE(wrap::read_note(of_datagrams.get(), found));
  REQUIRE(wrap::write_note(of_datagrams.get(), extreme_note(0xff)));
  REQUIRE(has_note(of_datagrams.get(), extreme_note(0xff)));
  wrap::erase_note(one.get());
  REQUIRE_FALSE(wrap::read_note(one.get(), found));
  wrap::erase_note(one.get());
}

TEST_CASE("whoever has the socket has its note", "[wrap]") {
  std::mt19937_64 random{4711};
  auto what = any_note(random), next = any_note(random);
  auto first = a_socket();
  REQUIRE(wrap::write_note(first.get(), what));
  unique_fd second{::dup(first.get())};
  REQUIRE(has_note(second.get(), what));
  first.reset();
  REQUIRE(has_note(second.get(), what)); // to close one of them takes no lock of the others away
  auto child = ::fork();
  if (child == 0) ::_exit(has_note(second.get(), what) && wrap::write_note(second.get(), next) ? 0 : 1);
  int ended = -1;
  REQUIRE(::waitpid(child, &ended, 0) == child);
  REQUIRE(ended == 0);
  REQUIRE(has_note(second.get(), next));
}

TEST_CASE("what else is locked is no note", "[wrap]") {
  auto one = a_socket();
  struct flock all {};
  all.l_type = F_RDLCK;
  note found;
  REQUIRE(::fcntl(one.get(), F_OFD_SETLK, &all) == 0);
  REQUIRE_FALSE(wrap::read_note(one.get(), found));
  unique_fd file{::memfd_create("note-test", MFD_CLOEXEC)};
  REQUIRE_FALSE(wrap::read_note(file.get(), found));
  REQUIRE_FALSE(wrap::read_note(-1, found));
}

TEST_CASE("who reads a note while it changes finds one of the two", "[wrap]") {
  std::mt19937_64 random{4711};
  note both[2] = {any_note(random), any_note(random)};
  auto one = a_socket();
  REQUIRE(wrap::write_note(one.get(), both[0]));
  std::thread writer{[&] {
    for (int i = 0; i < 20'000; ++i) wrap::write_note(one.get(), both[i % 2]);
  }};
  int missed = 0, mixed = 0;
  for (int i = 0; i < 20'000; ++i) {
    note found;
    if (!wrap::read_note(one.get(), found))
      ++missed; // only where two were written meanwhile, three times
    else if (!are_same(found, both[0]) && !are_same(found, both[1]))
      ++mixed;
  }
  writer.join();
  REQUIRE(mixed == 0);
  REQUIRE(missed < 20);
}

} // namespace hublink
