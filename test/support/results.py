"""What a run of test/run.sh came to: counts it, names each skip with its reason, the failures and the slowest, and writes one
junit file. Exit 1 if something failed, was skipped that may not be, or does not exist.
    results.py WORK --junit FILE [--strict] [--without NAME]... [--only NAME]...

WORK has `ctest-PART.xml` of each part, `results` (lines of STATE, NAME, seconds, name of a file with what it printed), and `skips`
(lines of NAME: REASON)."""
import argparse
import dataclasses
import pathlib
import sys
import xml.etree.ElementTree as xml

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
SLOWEST = 10
ALLOWED = pathlib.Path(__file__).parents[1] / "allowed_skips.txt"


@dataclasses.dataclass
class Result:
    name: str
    state: str
    seconds: float = 0
    why: str = ""
    printed: str = ""


def under(name, upper):
    """Whether `name` is `upper`, or a part of it."""
    return name == upper or name.startswith(f"{upper}.")


def allowed_skips(text):
    """Pairs of NAME and REASON."""
    lines = (line.strip() for line in text.splitlines())
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


def of_ctest(part, text):
    """ctest's tests; those of the part `release` have no prefix. A suite that skipped all of its tests has said so in `skips`."""
    for case in xml.fromstring(text).iter("testcase"):
        name = case.get("name") if part == "release" else f"{part}.{case.get('name')}"
        state = {"run": PASSED, "fail": FAILED}.get(case.get("status"), SKIPPED)
        skipped, printed = case.find("skipped"), case.findtext("system-out") or ""
        why = "" if skipped is None else skipped.get("message", "")
        if state == SKIPPED and not why.startswith("SKIP_"): state = FAILED  # it could not be started
        yield Result(name, state, float(case.get("time", 0)), why, printed)


def of_lines(text, work):
    for line in text.splitlines():
        state, name, seconds, file = line.split("\t")
        printed = (work / file).read_text(errors="replace") if file else ""
        yield Result(name, state, float(seconds), printed=printed)


def of_skips(text):
    for line in sorted(set(text.splitlines())):
        name, why = line.split(": ", 1)
        yield Result(name, SKIPPED, why=why)


def gathered(work):
    results = [each for file in sorted(work.glob("ctest-*.xml")) for each in of_ctest(file.stem.split("-", 1)[1], file.read_text())]
    results += of_lines((work / "results").read_text(), work)
    told = list(of_skips((work / "skips").read_text()))
    silent = [each for each in results if each.state == SKIPPED and not any(under(skip.name, each.name) for skip in told)]
    return [each for each in results if each.state != SKIPPED] + told + silent


def judged(results, allowed, strict):
    """With `strict` a skip that is not `allowed`, for the very reason if one is given, is a failure."""
    for each in results:
        if strict and each.state == SKIPPED and not any(under(each.name, name) and why in ("", each.why) for name, why in allowed):
            each = dataclasses.replace(each, state=FAILED, why=f"skipped, and not in {ALLOWED.name}: {each.why}")
        yield each


def missing(asked, results):
    return [Result(name, FAILED, why="no test has that name") for name in asked if not any(under(each.name, name) for each in results)]


def junit(results):
    root = xml.Element("testsuites")
    suites = {}
    for each in results:
        suite, _, _ = each.name.partition(".")
        if suite not in suites: suites[suite] = xml.SubElement(root, "testsuite", name=suite)
        case = xml.SubElement(suites[suite], "testcase", classname=suite, name=each.name, time=f"{each.seconds:.3f}")
        if each.state == FAILED: xml.SubElement(case, "failure", message=each.why or "failed")
        if each.state == SKIPPED: xml.SubElement(case, "skipped", message=each.why)
        if each.state == FAILED and each.printed: xml.SubElement(case, "system-out").text = printable(each.printed)
    for suite in suites.values():
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
            suite.set(count, str(len(list(suite.iter(tag)))))
    return xml.ElementTree(root)


def printable(text):
    """Without what XML can not have."""
    return "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)


def summary(results):
    timed = sorted((each for each in results if each.seconds and not under(each.name, "fuzz")), key=lambda each: -each.seconds)
    lines = ["slowest:", *(f"  {each.seconds:6.1f} s  {each.name}" for each in timed[:SLOWEST])] if timed else []
    for state in (SKIPPED, FAILED):
        some = [each for each in results if each.state == state]
        lines += [f"{state}:", *(f"  {each.name}" + (f": {each.why}" if each.why else "") for each in some)] if some else []
    counts = (f"{sum(each.state == state for each in results)} {state}" for state in (PASSED, FAILED, SKIPPED))
    return "\n".join([*lines, ", ".join(counts)])


def main():
    words = argparse.ArgumentParser()
    words.add_argument("work", type=pathlib.Path)
    words.add_argument("--junit", type=pathlib.Path, required=True)
    words.add_argument("--strict", action="store_true")
    words.add_argument("--without", action="append", default=[], help="left out on demand")
    words.add_argument("--only", action="append", default=[], help="asked for: must be among the results")
    given = words.parse_args()
    allowed = [*allowed_skips(ALLOWED.read_text()), *((name, "") for name in given.without)]
    results = list(judged(gathered(given.work), allowed, given.strict))
    results += missing(given.only, results)
    given.junit.parent.mkdir(exist_ok=True)
    junit(results).write(given.junit, encoding="utf-8", xml_declaration=True)
    print(summary(results))
    return any(each.state == FAILED for each in results) or not results


if __name__ == "__main__":
    sys.exit(main())
