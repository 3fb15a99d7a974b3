"""Plants empty handlers of every kind, and sees each red; handlers that do something stay green."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import empty_error_handler

CHECK = pathlib.Path(__file__).with_name("empty_error_handler.py")

EMPTY = [
    "request(x).then([] {}, [](const caf::error&) {});",
    "request(x).then([this](int) { go(); },\n                [](const caf::error& no) {\n                });",
    "request(x).then(tell, [](caf::error) mutable { /* too late */ });",
    "request(x).then(tell, [=](const caf::error& why) -> void { // nobody waits\n  return;\n});",
    "auto lost = [](const failure&) {};",
    "auto lost = [](std::string hop, const failure& why) { (void)why; };",
    "void cut(const failure&) override {}",
    "done([](outcome<std::string> result) {});",
    "timer.async_wait([self](std::error_code) {});",
    "socket.async_read_some(room, [](std::error_code, std::size_t) { });",
    "run([](std::exception_ptr thrown) { std::ignore = thrown; });",
    "try { go(); } catch (...) {}",
    "try {\n  go();\n} catch (const std::exception& wrong) {\n  // \"can't happen\"\n}",
    "void go() try { run(); } catch (const std::exception&)\n{\n}",
]
ACTING = [
    "request(x).then([] {}, [this](const caf::error& no) { note_lost(\"row\", no); });",
    "request(x).then([] {}, [](const caf::error& no) {\n  // why\n  throw no;\n});",
    "try { go(); } catch (const std::exception&) { return false; }",
    "// request(x).then([] {}, [](const caf::error&) {});",
    "auto text = \"catch (...) {}\";",
    "auto text = R\"(catch (...) {})\";",
    "explicit lost(failure why) : why_(std::move(why)) {}",
    "void cut(const failure& why) override;",
    "struct failure {};",
    "if (std::holds_alternative<failure>(answer)) { stop(); }",
    "std::error_code ignored; socket.close(ignored);",
    "auto c = '\"'; try { go(); } catch (const wrong& w) { say(w); } auto d = '\"';",
    "auto n = 1'000; auto h = [](const failure& w) { say(w); }; auto m = 2'000;",
]


def found_in(text, where="actors/transfer/sender.cpp"):
    with tempfile.TemporaryDirectory() as tree:
        file = pathlib.Path(tree, where)
        file.parent.mkdir(parents=True)
        file.write_text("int before;\n" + text + "\nint after;\n")
        run = subprocess.run([sys.executable, "-B", CHECK, tree], capture_output=True, text=True)
    assert not run.stderr, run.stderr
    assert run.returncode == (1 if run.stdout else 0)
    return run.stdout.splitlines()


class errors_that_end_unseen(unittest.TestCase):
    def test_empty(self):
        for text in EMPTY:
            with self.subTest(text):
                lines = found_in(text)
                self.assertEqual(len(lines), 1, lines)
                self.assertRegex(lines[0], r"^actors/transfer/sender\.cpp:[2-9]: an error ends here unseen")

    def test_acting(self):
        for text in ACTING:
            with self.subTest(text): self.assertEqual(found_in(text), [])

    def test_the_line_is_the_handlers(self):
        lines = found_in("\n\n\nwait([] {},\n     [](const caf::error&) {});")
        self.assertEqual(lines, ["actors/transfer/sender.cpp:6: an error ends here unseen: act on it, answer it, or log it"])

    def test_stand_ins_of_tests(self):
        port = "void close(circuit_id, failure) override {}"
        self.assertEqual(len(found_in(port)), 1)
        self.assertEqual(found_in(port, "test/unit/actors/plane.hpp"), [])
        self.assertEqual(len(found_in("wait([] {}, [](const caf::error&) {});", "test/simulation/main.cpp")), 1)

    def test_what_is_allowed_is_there_and_nowhere_else(self):
        for file, line in empty_error_handler.ALLOWED:
            self.assertIn(line, (CHECK.parents[2] / file).read_text())
            self.assertEqual(found_in(line, file), [])
            self.assertEqual(len(found_in(line)), 1)

    def test_all_in_one(self):
        self.assertEqual(len(found_in("\n".join(EMPTY))), len(EMPTY))
        self.assertEqual(found_in("\n".join(ACTING)), [])


if __name__ == "__main__":
    unittest.main()
