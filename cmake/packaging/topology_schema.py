"""The JSON Schema of a topology file, for editors: topology_schema.py >topology.schema.json

docs/schema/topology.schema.in.json has all of it but the fields of a transfer's policy. Those are the rows of the table in
docs/reference/topology.md, which is held against the program's own table (transfer_policy_json_test)."""
import json
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEAD = "| field | default | values | meaning |\n"


def rows():
    """(name, default, values, meaning), without marks."""
    table = (DOCS / "reference/topology.md").read_text(encoding="utf-8").split(HEAD)[1].split("\n\n")[0]
    for line in table.splitlines()[1:]:
        yield [cell.strip().replace("`", "") for cell in line.strip("| ").split(" | ", 3)]


def values_of(values):
    if bounds := re.fullmatch(r"(-?\d+) to (-?\d+)", values):
        return {"type": "integer", "minimum": int(bounds[1]), "maximum": int(bounds[2])}
    if values == "false, true":
        return {"type": "boolean"}
    if re.fullmatch(r"\S+/s to \S+/s", values):
        return {"allOf": [{"$ref": "#/definitions/rate"}]}
    if re.fullmatch(r"[a-z0-9_]+(, [a-z0-9_]+)+", values):
        return {"enum": values.split(", ")}
    sys.exit(f"topology_schema.py: no way to say '{values}' in a schema")


def fields():
    made = {}
    for name, _, values, meaning in rows():
        group, _, key = name.rpartition(".")
        place = made.setdefault(group, {"type": "object", "properties": {}, "additionalProperties": False})["properties"] if group else made
        place[key] = {**values_of(values), "description": meaning}
    return made


def schema():
    whole = json.loads((DOCS / "schema/topology.schema.in.json").read_text(encoding="utf-8"))
    whole["properties"]["transfers"]["additionalProperties"]["properties"].update(fields())
    return whole


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
