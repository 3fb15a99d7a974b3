"""What a built hublink consists of, as a CycloneDX 1.5 document: `python3 cmake/sbom.py build/release >hublink.cdx.json`.

The facts are CMake's (what was linked, where headers were found), dpkg's (which package has these files, in which version), and those
of the lists of vendored sources. The same build on the same machine gives the same document."""
import hashlib
import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # of URLs, RFC 4122
HEADERS_ALONE = {"ASIO_INCLUDE_DIR": "asio.hpp", "BEAST_INCLUDE_DIR": "boost/beast/http/parser.hpp", "CLI11_INCLUDE_DIR": "CLI/CLI.hpp",
                 "CURL_INCLUDE_DIR": "curl/curl.h",
                 "nlohmann_json_DIR": "nlohmann_jsonConfig.cmake"}


def cached(build):
    """CMake's variables."""
    rows = re.findall(r"^(\w+):\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)
    return dict(rows)


def linked(build):
    """The libraries on the executable's link line."""
    rules = (build / "build.ninja").read_text()
    block = re.search(r"^build hublink: .*?\n\n", rules, re.MULTILINE | re.DOTALL)[0]
    words = re.search(r"^ *LINK_LIBRARIES = (.*)$", block, re.MULTILINE)[1].split()
    return [Path(word) for word in words if word.startswith("/")]


def packages_of(files):
    """File → (name, version, architecture, source) of the package that has it. What no package has is left out."""
    paths = {str(path): file for file in files for path in (file.resolve(), file)}
    found = subprocess.run(["dpkg-query", "--search", *paths], capture_output=True, text=True).stdout
    rows = (line.split(": ", 1) for line in found.splitlines() if not line.startswith("diversion "))
    names = {paths[path]: owners.split(",")[0] for owners, path in rows if path in paths}
    facts = "${Package}\t${Version}\t${Architecture}\t${source:Package}"
    shown = subprocess.run(["dpkg-query", "--show", "--showformat", "${binary:Package}\t" + facts + "\n", *sorted(set(names.values()))],
                           capture_output=True, text=True, check=True).stdout if names else ""
    known = {}
    for row in shown.splitlines():
        name, *rest = row.split("\t")
        known[name] = known[name.split(":")[0]] = tuple(rest)
    return {file: known[name] for file, name in names.items()}


def distribution():
    rows = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return rows["ID"].strip('"'), rows["VERSION_ID"].strip('"')


def component(package, files):
    name, version, architecture, source = package
    system, release = distribution()
    purl = f"pkg:deb/{system}/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={architecture}&distro={system}-{release}"
    shown = [f"{file.resolve()} sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in sorted(files)]
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "properties": [{"name": "hublink:source-package", "value": source}, *({"name": "hublink:file", "value": file} for file in shown)]}


def vendored(folder):
    """What is bundled into the console: the rows of README.md there, and the digests of SHA256SUMS."""
    sums = [line.split(maxsplit=1) for line in (folder / "SHA256SUMS").read_text().splitlines()]
    for place, name, version, licence in re.findall(r"^\| `([^`]+)` \| \[([^]]+)\]\S* \| (\S+) \| (\S+) \|", (folder / "README.md").read_text(), re.MULTILINE):
        purl = f"pkg:npm/{name}@{version}"
        files = [f"{file.removeprefix('./')} sha256:{digest}" for digest, file in sums if file.startswith(f"./{place}/")]
        yield {"type": "library", "bom-ref": purl, "name": name, "version": version, "licenses": [{"license": {"id": licence}}], "purl": purl,
               "properties": [{"name": "hublink:file", "value": file} for file in files]}


def document(build):
    variables = cached(build)
    files = set(linked(build)) | {Path(variables[variable]) / file for variable, file in HEADERS_ALONE.items()}
    packages = packages_of(files)
    if strangers := sorted(str(file) for file in files - packages.keys()):
        raise SystemExit("no package has " + ", ".join(strangers) + ": build with Debian's packages for a list of them")
    parts = [component(package, [file for file in files if packages[file] == package]) for package in set(packages.values())]
    parts += vendored(Path(__file__).parent.parent / "node/web/console/vendor")
    parts.sort(key=lambda part: part["purl"])
    version = variables["CMAKE_PROJECT_VERSION"]
    own = {"type": "application", "bom-ref": f"hublink@{version}", "name": "hublink", "version": version}
    content = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": own}, "components": parts,
               "dependencies": [{"ref": own["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}]}
    serial = uuid.uuid5(NAMESPACE, json.dumps(content, sort_keys=True))
    return {"bomFormat": content.pop("bomFormat"), "specVersion": content.pop("specVersion"), "serialNumber": f"urn:uuid:{serial}",
            **content}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(json.dumps(document(Path(sys.argv[1])), indent=2))
