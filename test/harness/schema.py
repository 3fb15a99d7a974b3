"""The schemas for editors: they take what hublink takes, and each field that they know is one that hublink knows."""
import copy
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli, pages

try:
    import jsonschema
except ImportError:
    jsonschema = None

MAKER = pages.ROOT / "cmake/packaging/topology_schema.py"
EXAMPLES = sorted((pages.ROOT / "examples").glob("*.json"))
SMALL = {"network": "small", "nodes": {"A": {"role": "server", "address": "127.0.0.1:1", "segment": "127.0.0.0/24"},
                                       "B": {"role": "client", "address": "127.0.0.2:1", "home": "A"},
                                       "C": {"role": "client", "address": "127.0.0.3:1", "home": "A"}},
         "transfers": {"F": {"from": "B", "to": ["C"]}},
         "gateways": {"g": {"protocol": "tcp", "calling": "A", "called": "A", "listen": "127.0.0.1:2", "deliver": "127.0.0.9:3"}},
         "groups": {"all": ["B", "C"]}}


def read(name):
    if name == "topology":
        return json.loads(subprocess.run([sys.executable, "-B", MAKER], check=True, capture_output=True, timeout=30).stdout)
    return json.loads((pages.ROOT / f"docs/schema/{name}.schema.json").read_text(encoding="utf-8"))


@unittest.skipUnless(jsonschema, "python3-jsonschema is missing")
class Schema(unittest.TestCase):
    def setUp(self):
        self.schema = read("topology")
        self.takes = jsonschema.Draft7Validator(self.schema)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "net.json"

    def said_of(self, topology):
        self.file.write_text(topology if isinstance(topology, str) else json.dumps(topology))
        return cli.run("check", self.file)

    def test_they_are_schemas(self):
        for name in ("topology", "local"):
            jsonschema.Draft7Validator.check_schema(read(name))

    def test_examples_fit(self):
        self.assertTrue(EXAMPLES)
        for file in EXAMPLES:
            with self.subTest(file.name):
                self.assertEqual([], [error.message for error in self.takes.iter_errors(json.loads(file.read_text()))])
        page = (pages.ROOT / "docs/reference/local.md").read_text(encoding="utf-8")
        local = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
        jsonschema.Draft7Validator(read("local")).validate(local)

    def test_each_field_is_one_that_hublink_knows(self):
        properties = self.schema["properties"]
        places = {("nodes", "A"): properties["nodes"]["additionalProperties"]["properties"],
                  ("nodes", "A", "limits"): properties["nodes"]["additionalProperties"]["properties"]["limits"]["properties"],
                  ("nodes", "A", "proxy"): properties["nodes"]["additionalProperties"]["properties"]["proxy"]["properties"],
                  ("transfers", "F"): properties["transfers"]["additionalProperties"]["properties"],
                  ("gateways", "g"): properties["gateways"]["additionalProperties"]["properties"], (): properties}
        for place, fields in places.items():
            topology = copy.deepcopy(SMALL)
            here = topology
            for step in place:
                here = here.setdefault(step, {})
            here.update({field: here.get(field, 4711.5) for field in fields})
            said = self.said_of(topology).err
            for field in fields:
                with self.subTest(".".join((*place, field))):
                    known = f"{'.'.join((*place, field))}: "
                    lines = [line for line in said.splitlines() if line.startswith(known)]
                    self.assertFalse([line for line in lines if "unknown" in line or "is not known" in line and "4711" not in line], lines)

    def test_a_transfers_values_are_those_that_hublink_takes(self):
        """They are made from the manual's table: what stands there has to be said as the maker reads it."""
        own = self.schema["properties"]["transfers"]["additionalProperties"]["properties"]
        self.assertIn("minimum", own["priority"])
        for name, field in [*own.items(), *((f"retry.{key}", field) for key, field in own["retry"]["properties"].items())]:
            taken = [field[bound] for bound in ("minimum", "maximum") if bound in field] + field.get("enum", [])[1:]
            refused = [field[bound] + step for bound, step in (("minimum", -1), ("maximum", 1)) if bound in field] + ["no such"] * ("enum" in field)
            if name in ("placement", "on_error", "complete_when", "store_s"):
                taken = []  # those want another field beside them, or several receivers
            for value in (*taken, *refused):
                with self.subTest(name, value=value):
                    topology = copy.deepcopy(SMALL)
                    group, _, key = name.rpartition(".")
                    place = topology["transfers"]["F"]
                    (place.setdefault(group, {}) if group else place)[key] = value
                    self.assertEqual(value in refused, bool(list(self.takes.iter_errors(topology))))
                    self.assertEqual(cli.USAGE if value in refused else cli.DONE, self.said_of(topology).code)

    def test_what_the_schema_refuses_hublink_refuses(self):
        self.assertEqual([], list(self.takes.iter_errors(SMALL)))
        for place, value in ((("network",), 5), (("nodes", "A", "role"), "king"), (("nodes", "A", "adress"), "x"), (("nodes", "B", "home"), None),
                             (("nodes", "B", "segment"), "127.0.0.0/8"), (("nodes", "A", "home"), "A"), (("nodes", "A", "address"), "127.0.0.1"),
                             (("nodes", "a b"), {"role": "server", "address": "127.0.0.4:1"}), (("transfers", "F", "to"), []),
                             (("transfers", "F", "priority"), 101), (("transfers", "F", "rate"), "fast"), (("transfers", "F", "retry"), {"count": -1}),
                             (("gateways", "g", "protocol"), "sctp"), (("gateways", "g", "keep_alive_s"), 0), (("more",), 1),
                             (("nodes", "B", "home_line"), {"congestion": "BBR"}), (("nodes", "A", "home_line"), {}),
                             (("nodes", "A", "neighbours"), {"C": {"cost": 0}}), (("nodes", "A", "neighbours"), {"C": {"speed": 1}})):
            with self.subTest(place=place, value=value):
                topology = copy.deepcopy(SMALL)
                here = topology
                for step in place[:-1]:
                    here = here[step]
                here[place[-1]] = value
                if value is None:
                    del here[place[-1]]
                self.assertTrue(list(self.takes.iter_errors(topology)))
                self.assertEqual(cli.USAGE, self.said_of(topology).code)

    def test_an_editors_field_is_taken(self):
        self.assertEqual(cli.DONE, self.said_of({"$schema": "topology.schema.json", **{key: SMALL[key] for key in ("network", "nodes", "transfers")}}).code)

    def test_comments_are_refused_by_name(self):
        text = json.dumps({key: SMALL[key] for key in ("network", "nodes")}, indent=1)
        for comment in ("// here", "/* here */", "# here"):
            for at in (0, text.index('"nodes"'), len(text)):
                with self.subTest(comment=comment, at=at):
                    result = self.said_of(f"{text[:at]}{comment}\n{text[at:]}")
                    self.assertEqual(cli.USAGE, result.code)
                    self.assertIn("comments are no part of JSON", result.err)
                    self.assertIn(f"line {text[:at].count(chr(10)) + 1}", result.err)
