"""Every field that hublink takes in a topology file or in local.json has its entry in the manual. It names them itself, where one is misspelt."""
import json
import re
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli, pages
from hublink_harness.topologies import of_the_pages

WRONG = "zzz"
KNOWN = re.compile(rf"^(.*){WRONG}: is not known here; .*known here: (.*)$", re.MULTILINE)


def misspelt():
    """A topology with one more field in every object that has fields of its own."""
    whole = of_the_pages()
    nodes, transfers = whole["nodes"], whole["transfers"]
    nodes["ServerA"]["routes"] = [{"network": "127.9.0.0/24", "via": "ServerB", WRONG: 1}]
    nodes["ServerA"]["proxy"][WRONG] = 1
    transfers["FILE01"] |= {"retry": {WRONG: 1}, "send": {WRONG: 1}}
    transfers["FILE03"]["receive"] = {"HOST2": {WRONG: 1}}
    for entry in (whole, *nodes.values(), *transfers.values(), *whole["gateways"].values()):
        entry[WRONG] = 1
    for node in nodes.values():
        node["limits"] = {WRONG: 1}
    return whole


class Fields(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def expect_entries(self, said, least, names):
        """In one of the manual's pages of these names, wherever they are."""
        text = "".join(path.read_text(encoding="utf-8") for path in pages.ROOT.glob(f"docs/**/{names}")
                       if path.parent.name not in ("internals", "guide"))
        known = {field for _, fields in KNOWN.findall(said) for field in fields.split(", ")}
        self.assertGreater(len(known), least, said)
        missing = sorted(field for field in known if not re.search(rf"`[^`\n]*\b{re.escape(field)}\b[^`\n]*`", text))
        self.assertEqual([], missing, f"these are on no page docs/**/{names}")

    def test_of_a_topology(self):
        file = self.scratch / "net.json"
        file.write_text(json.dumps(misspelt()))
        said = cli.run("check", file)
        self.assertEqual(cli.USAGE, said.code, str(said))
        self.expect_entries(said.out + said.err, 60, "topology.md")

    def test_of_local_json(self):
        file, data = self.scratch / "net.json", self.scratch / "HOST1"
        file.write_text(json.dumps(of_the_pages()))
        self.assertEqual(cli.DONE, cli.run("keys", file, "--out", self.scratch / "keys", "--no-passphrase").code)
        data.mkdir()
        job = {"command": ["true"], WRONG: 1}
        (data / "local.json").write_text(json.dumps({WRONG: 1, "targets": {"FILE01": {WRONG: 1}},
                                                     "jobs": {"FILE01": {WRONG: 1, "pre_send": job, "post_send": job, "post_receive": job}}}))
        said = cli.run("run", file, "--node", "HOST1", "--data", data, "--keys", self.scratch / "keys/HOST1")
        self.assertEqual(cli.USAGE, said.code, str(said))
        self.expect_entries(said.out + said.err, 12, "*.md")
