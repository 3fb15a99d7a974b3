"""Plants a violation of each kind in a copy of the tree, and sees it red; one include down, or beside, stays green."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("include_order.py")


def found_in(files):
    """What the check says of a tree of these files."""
    with tempfile.TemporaryDirectory() as tree:
        for layer in ("protocol", "actors", "node"): pathlib.Path(tree, layer).mkdir()
        for name, text in files.items():
            pathlib.Path(tree, name).parent.mkdir(exist_ok=True)
            pathlib.Path(tree, name).write_text(text)
        run = subprocess.run([sys.executable, "-B", CHECK, tree], capture_output=True, text=True)
    assert not run.stderr, run.stderr
    assert run.returncode == (1 if run.stdout else 0)
    return run.stdout.splitlines()


class include_order(unittest.TestCase):
    def refused(self, files, *patterns):
        lines = found_in(files)
        self.assertEqual(len(lines), len(patterns), lines)
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, r"^[a-z_/]+\.[ch]pp:\d+: ")
            self.assertRegex(line, pattern)

    def test_down_and_beside_is_allowed(self):
        self.assertEqual(found_in({
            "node/commands/run.cpp": '#include "node/process/join.hpp"\n#include "actors/base/spawn.hpp"\n#include <vector>\n',
            "node/control/record_json.cpp": '#include "node/topology/topology.hpp"\n#include <nlohmann/json.hpp>\n',
            "node/main.cpp": '#include "node/commands/commands.hpp"\n',
            "node/wrap/wrap.cpp": '#include "names.hpp"\n#include <sys/socket.h>\n',
            "protocol/base/bytes.cpp": '#include "protocol/base/bytes.hpp"\n// #include "node/control/control_socket.hpp"\n',
        }), [])

    def test_up_the_layers(self):
        self.refused({"protocol/request/request_ends.hpp": '#pragma once\n#include "actors/base/failures.hpp"\n'},
                     r"request_ends\.hpp:2: goes up: protocol/request may not include actors/base")
        self.refused({"actors/node/supervisor.cpp": '  #  include <node/base/time_text.hpp>\n'}, "goes up")

    def test_up_the_capabilities(self):
        self.refused({"protocol/circuit/record_end.hpp": '#include "protocol/transfer/digest.hpp"\n'}, ":1: goes up")
        self.refused({"node/process/join.cpp": '\n\n#include "node/commands/commands.hpp"\n'}, ":3: goes up")
        self.refused({"node/commands/run.cpp": '#include "node/main.cpp"\n'}, "goes up")

    def test_unknown_folder(self):
        self.refused({"node/base/time_text.cpp": '#include "node/utils/text.hpp"\n'}, "node/utils has no place")
        self.refused({"node/utils/text.cpp": '#include "node/base/time_text.hpp"\n'}, "node/utils has no place")
        self.refused({"node/base/time_text.cpp": '#include "../accounts/rights.hpp"\n'}, "has no place")

    def test_circle(self):
        self.refused({"node/trust/keys.hpp": '#include "node/link/link_table.hpp"\n',
                      "node/link/link_table.hpp": '#include "node/events/event_file.hpp"\n',
                      "node/events/event_file.cpp": '#include "node/trust/keys.hpp"\n#include "node/base/unique_fd.hpp"\n'},
                     r"circle of folders: node/events -> node/trust -> node/link -> node/events",
                     r"circle of folders: node/link -> node/events -> node/trust -> node/link",
                     r"circle of folders: node/trust -> node/link -> node/events -> node/trust")

    def test_the_preloaded_library_stands_alone(self):
        self.refused({"node/commands/wrap.cpp": '#include "node/wrap/wrap.hpp"\n'}, "stands alone")
        self.refused({"node/wrap/wrap.cpp": '#include "protocol/base/bytes.hpp"\n'}, "stands alone")

    def test_a_violation_in_a_copy_of_this_tree(self):
        """As it is, and with one line more."""
        root = pathlib.Path(__file__).parents[2]
        files = {file.relative_to(root).as_posix(): file.read_text() for layer in ("protocol", "actors", "node")
                 for file in (root / layer).rglob("*.[ch]pp")}
        before = found_in(files)
        files["protocol/base/bytes.hpp"] += '#include "protocol/link/link_message.hpp"\n'
        self.assertEqual([line for line in found_in(files) if line not in before],
                         [f"protocol/base/bytes.hpp:{files['protocol/base/bytes.hpp'].count(chr(10))}: "
                          "goes up: protocol/base may not include protocol/link"])


if __name__ == "__main__":
    unittest.main()
