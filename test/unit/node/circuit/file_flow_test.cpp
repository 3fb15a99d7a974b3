#include "node/circuit/file_flow.hpp"

#include "loopback.hpp"
#include "node/files/spool_file.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

const transfer_id flowing_transfer = "0190a1b2c3d4e5f60718293a4b5c6d7e";

/// Its descriptor is not what it reads and writes.
struct odd_file : transfer_file {
  unique_fd fd;
  std::string content;

  int descriptor() const override { return fd.get(); }
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override {
    std::ranges::copy(as_bytes(content).subspan(offset, into.size()), into.begin());
    return {};
  }
  outcome<> write(std::uint64_t offset, byte_view data) override {
    content.resize(std::max<std::size_t>(content.size(), offset + data.size()));
    std::ranges::copy(as_text(data), content.begin() + std::ptrdiff_t(offset));
    return {};
  }
};

struct flow_lab {
  flow_lab() {
    std::string name = (fs::temp_directory_path() / "hublink-flow-XXXXXX").string();
    path = ::mkdtemp(name.data());
    space = std::make_shared<spool_space>((path / "spool").string(), 100 << 20);
    file = make_spool_file(space);
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~flow_lab() { fs::remove_all(path); }

  std::string spooled() const {
    std::ifstream in(space->path_of(flowing_transfer), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void spool(std::string_view content) {
    REQUIRE(file->create({flowing_transfer, 1, content.size(), 0600}));
    REQUIRE(file->write(0, as_bytes(content)));
  }
  outcome<moved_bytes> take(transfer_file& into, const file_range& part) {
    return flow.take(ours.native_handle(), into, part);
  }
  outcome<moved_bytes> give(transfer_file& from, const file_range& part) {
    return flow.give(ours.native_handle(), from, part);
  }

  fs::path path;
  std::shared_ptr<spool_space> space;
  std::unique_ptr<transfer_file> file;
  asio::io_context context;
  std::pair<tcp::socket, peer> pair = make_pair(context);
  tcp::socket& ours = pair.first;
  peer& theirs = pair.second;
  file_flow flow{std::make_shared<pipe_pool>()};
};

} // namespace

TEST_CASE("bytes go from a socket into a file, as many as are wanted and have come") {
  flow_lab at;
  REQUIRE(at.file->create({flowing_transfer, 1, 100, 0600}));
  REQUIRE(at.theirs.send("one two three"));
  auto first = at.take(*at.file, {10, 8});
  REQUIRE(first);
  CHECK(first->count == 8);
  auto rest = at.take(*at.file, {2, 90});
  REQUIRE(rest);
  CHECK(rest->count == 5);
  CHECK(at.spooled() == std::string(2, '\0') + "three" + std::string(3, '\0') + "one two ");
  auto none = at.take(*at.file, {20, 1});
  REQUIRE(none);
  CHECK(none->count == 0);
  CHECK(none->socket == std::errc::resource_unavailable_try_again);
  at.theirs.half_close();
  auto end = at.take(*at.file, {20, 1});
  REQUIRE(end);
  CHECK(end->count == 0);
  CHECK_FALSE(end->socket);
}

TEST_CASE("bytes go from a file into a socket, as many as it takes") {
  flow_lab at;
  std::string content(8 << 20, 'x');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = char(i * 31 + i / 4096);
  at.spool(content);
  std::size_t sent = 5;
  auto read = std::async(std::launch::async, [&] { return at.theirs.read(content.size() - 10); });
  while (sent < content.size() - 5) {
    auto given = at.give(*at.file, {sent, content.size() - 5 - sent});
    REQUIRE(given);
    sent += given->count;
    if (given->count > 0) continue;
    REQUIRE(given->socket == std::errc::resource_unavailable_try_again);
    at.ours.wait(tcp::socket::wait_write);
  }
  CHECK(read.get() == content.substr(5, content.size() - 10));
}

TEST_CASE("a broken socket is not the file's fault") {
  flow_lab at;
  at.spool("content");
  at.theirs.reset();
  SECTION("taking") {
    auto taken = at.take(*at.file, {0, 7});
    REQUIRE(taken);
    CHECK(taken->socket == std::errc::connection_reset);
  }
  SECTION("giving") {
    auto given = at.give(*at.file, {0, 7});
    REQUIRE(given);
    CHECK(given->socket);
    CHECK(given->socket != std::errc::resource_unavailable_try_again);
  }
}

TEST_CASE("a file that can't be written, or is shorter, says so itself") {
  flow_lab at;
  at.spool("content");
  SECTION("written") {
    auto reader = make_spool_file(at.space);
    REQUIRE(reader->reopen({flowing_transfer, 1}));
    REQUIRE(at.theirs.send("bytes"));
    auto taken = at.take(*reader, {0, 5});
    REQUIRE_FALSE(taken);
    CHECK_THAT(taken.error().text, Contains("can't write " + at.space->path_of(flowing_transfer)));
    CHECK(at.spooled() == "content");
    // The pipe in which the bytes stayed is used no more.
    REQUIRE(at.theirs.send("later"));
    REQUIRE(at.take(*at.file, {0, 5}));
    CHECK(at.spooled() == "laternt");
  }
  SECTION("shorter") {
    auto given = at.give(*at.file, {3, 10});
    REQUIRE(given);
    CHECK(given->count == 4);
    auto behind = at.give(*at.file, {7, 6});
    REQUIRE_FALSE(behind);
    CHECK(behind.error().code == errc::file_changed);
  }
}

TEST_CASE("where the kernel can't move bytes they go through a buffer") {
  flow_lab at;
  odd_file odd;
  SECTION("no descriptor") {}
  SECTION("one that does not fit") { // splice(2) refuses O_APPEND, sendfile(2) a directory
    auto name = (at.path / "appended").string();
    bool for_writing = GENERATE(true, false);
    auto flags = for_writing ? O_RDWR | O_CREAT | O_APPEND : O_RDONLY | O_DIRECTORY;
    odd.fd = unique_fd(::open(for_writing ? name.c_str() : at.path.c_str(), flags | O_CLOEXEC, 0600));
    REQUIRE(odd.fd);
  }
  for (int round = 0; round < 2; ++round) {
    REQUIRE(at.theirs.send("some bytes"));
    auto taken = at.take(odd, {0, 10});
    REQUIRE(taken);
    CHECK(taken->count == 10);
    CHECK(odd.content == "some bytes");
  }
  for (int round = 0; round < 2; ++round) {
    auto given = at.give(odd, {5, 5});
    REQUIRE(given);
    CHECK(given->count == 5);
    CHECK(at.theirs.read(5) == "bytes");
  }
}
