"""A field that a schema or a table has, and the whole file has not, is seen, however deep it stands."""
import json
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_whole_files.py")
SCHEMA = json.dumps({"properties": {"$schema": {}, "roots": {}, "web": {"properties": {"listen": {"properties": {}}}},
                                    "jobs": {"additionalProperties": {"anyOf": [{"properties": {"command": {}}}]}}}})
TABLE = """| field | default | values | meaning |
|---|---|---|---|
| `retry.count` | 0 | 0 to 1000 | attempts |
| `digest` | `xxh128` | | checksum |
"""


def local(shown):
    return {"docs/schema/local.schema.json": SCHEMA, "docs/reference/local.md": f"# local.json\n\n```json\n{json.dumps(shown)}\n```\n"}


def topology(shown):
    return {"docs/schema/topology.schema.in.json": json.dumps({"properties": {"network": {}}}), "docs/reference/topology.md":
            f"# Topology\n```json\n{{}}\n```\n{TABLE}\n## Every field once\nIt is:\n```json\n{json.dumps(shown)}\n```\n"}


class page_whole_files(unittest.TestCase):
    def test_all_are_there(self):
        self.assertEqual([], found_in_tree(CHECK, local({"roots": [], "web": {"listen": 1}, "jobs": {"*": {"command": ["x"]}}})))
        self.assertEqual([], found_in_tree(CHECK, topology({"network": "n", "transfers": [{"retry": {"count": 1}, "digest": "sha256"}]})))

    def test_one_lacks(self):
        self.assertEqual(["docs/reference/local.md:4: the whole file lacks `command`"],
                         found_in_tree(CHECK, local({"roots": [], "web": {"listen": 1}, "jobs": {}})))
        self.assertEqual(["docs/reference/topology.md:13: the whole file lacks `count`", "docs/reference/topology.md:13: the whole file lacks `retry`"],
                         found_in_tree(CHECK, topology({"network": "n", "digest": "sha256"})))

    def test_there_is_no_file(self):
        self.assertEqual(["docs/reference/local.md: there is no whole file"], found_in_tree(CHECK, {"docs/reference/local.md": "# local.json\n"}))


if __name__ == "__main__":
    unittest.main()
