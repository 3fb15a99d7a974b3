"""The list of what hublink consists of is complete, well formed, and the same twice.  sbom_test.py BUILD EXECUTABLE"""
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "cmake"))
import sbom  # noqa: E402

BUILD, EXECUTABLE = map(Path, sys.argv[1:3]) if len(sys.argv) == 3 else (None, None)
NEEDED = r"libcaf|asio|boost|prometheus-cpp|nlohmann|cli11|spdlog|sqlite3|sqlitecpp|xxhash|ssl|sodium"


@unittest.skipIf(BUILD is None, "no build is named")
class Sbom(unittest.TestCase):
    def setUp(self):
        made = subprocess.run([sys.executable, "-B", ROOT / "cmake/sbom.py", BUILD], capture_output=True, text=True)
        self.assertEqual(0, made.returncode, made.stderr)
        self.text, self.document = made.stdout, json.loads(made.stdout)
        self.parts = self.document["components"]

    def test_its_form(self):
        self.assertEqual(("CycloneDX", "1.5", 1), tuple(self.document[key] for key in ("bomFormat", "specVersion", "version")))
        self.assertRegex(self.document["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        references = [part["bom-ref"] for part in self.parts]
        self.assertEqual(sorted(set(references)), references)
        own = self.document["metadata"]["component"]
        self.assertEqual("hublink", own["name"])
        self.assertEqual([{"ref": own["bom-ref"], "dependsOn": references}], self.document["dependencies"])
        for part in self.parts:
            self.assertRegex(part["purl"], r"^pkg:(deb/\w+/[a-z0-9.+-]+@\S+\?arch=\w+&distro=\S+|npm/[a-z-]+@[0-9.]+)$")
            files = [each["value"] for each in part["properties"] if each["name"] == "hublink:file"]
            self.assertTrue(files)
            for file in files:
                self.assertRegex(file, r"^\S+ sha256:[0-9a-f]{64}$")

    def test_all_that_is_linked_is_in_it(self):
        names = " ".join(part["name"] for part in self.parts)
        for word in NEEDED.split("|"):
            self.assertIn(word, names)
        dynamic = subprocess.run(["readelf", "--wide", "--dynamic", EXECUTABLE], capture_output=True, text=True, check=True).stdout
        known = {prop["value"].split(" ")[0].rsplit("/", 1)[-1] for part in self.parts for prop in part["properties"]}
        for library in re.findall(r"NEEDED.*\[(.+)\]", dynamic):
            if re.match(r"lib(c|m|gcc_s|stdc\+\+)\.so|ld-linux", library):
                continue  # the compiler's own
            stem = library.split(".so")[0]
            self.assertTrue(any(name.startswith(stem + ".") for name in known), (library, known))

    def test_the_consoles_sources_are_in_it(self):
        names = {part["name"] for part in self.parts if part["purl"].startswith("pkg:npm/")}
        self.assertEqual({folder.name for folder in (ROOT / "node/web/console/vendor").iterdir() if folder.is_dir()}, names)

    def test_it_is_the_same_twice(self):
        self.assertEqual(json.loads(self.text), sbom.document(BUILD))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
