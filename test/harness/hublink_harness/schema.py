"""As much of JSON Schema as the API's own description uses."""

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def misfits(schema, value, where="it"):
    """What is wrong, a line each."""
    if kind := schema.get("type"):
        is_kind = isinstance(value, _TYPES[kind]) and not (kind in ("integer", "number") and isinstance(value, bool))
        if not is_kind:
            yield f"{where} is no {kind}: {value!r:.100}"
            return
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{where} lacks {name}"
        for name, one in value.items():
            yield from misfits(schema.get("properties", {}).get(name, schema.get("additionalProperties", {})), one, f"{where}.{name}")
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from misfits(schema.get("items", {}), one, f"{where}[{number}]")
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{where} is below {schema['minimum']}: {value}"


def answer_schema(document, path, method):
    """Of the answer to what went well."""
    (content,) = document["paths"][path][method]["responses"]["200"]["content"].values()
    return content["schema"]


def problem_schema(document):
    return document["components"]["responses"]["problem"]["content"]["application/problem+json"]["schema"]
