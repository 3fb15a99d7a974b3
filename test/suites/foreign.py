"""Test suites of others directly, under `hublink wrap` that takes nothing, and under one that takes loopback through two gateways with a hub
between; what differs.  foreign.py SOURCES [SUITE...]

SOURCES: where the sources of redis and postgresql are unpacked. A difference has a reason in REASONS, or makes it exit with 1. A test whose outcome
changes from run to run directly is none."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

import bed

from bed import WRAP
from hublink_harness import apps

WAYS = {"directly": [], "wrap, nothing taken": [*WRAP, "--only", "192.0.2.0/24", "--"],
        "wrap, two gateways": [*WRAP, "--only", "127.0.0.1/32", "--only", "::1/128", "--"]}
PYTHON = """test_socket test_ssl test_httplib test_ftplib test_poplib test_imaplib test_smtplib test_urllib2_localnet test_xmlrpc test_socketserver
    test_selectors""".split()
REDIS = """unit/quit unit/auth unit/protocol unit/pubsub unit/pubsubshard unit/multi unit/introspection unit/slowlog unit/info unit/limits""".split()
REDIS_PORT, POSTGRES_PORT = 9101, 9102
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

# (suite, pattern of the test, why it differs through the gateways)
REASONS = [
    ("python", r"test_socket\.\w*UDP6Test\.", "the socket is bound to ::1, and the gateway listens on IPv4 alone"),
    ("python", r"test_ftplib\.TestIPv6Environment\.", "active FTP over IPv6: the client's own address is the one with which it reaches the gateway, which listens on IPv4 alone"),
    ("python", r"test_socket\.Recvmsg(Into)?UDPTest\.|test_ssl\..*\.test_server_accept", "the server sees the called gateway's address"),
    ("python", r"test_ssl\..*\.test_preauth_data_to_tls_server", "the client's reset comes over a network: after the server has looked"),
]

sources = Path(sys.argv[1]).resolve()
bed.go_inside(own_devices=True)
folder = Path(tempfile.mkdtemp(prefix="hublink-suites."))
folder.chmod(0o755)
environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"}


def unpacked(package):
    return next(one for one in sources.glob(f"{package}-[0-9]*") if one.is_dir())


def run(way, words, seconds, **options):
    """What it prints; what it began ends with it."""
    log = folder / "log"
    with log.open("wb") as into, subprocess.Popen([*WAYS[way], *map(str, words)], stdin=subprocess.DEVNULL, stdout=into, stderr=subprocess.STDOUT,
                                                  start_new_session=True, **{"env": environment, **options}) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f"{words[0]} {way}: not done in {seconds} s", file=sys.stderr)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return re.sub(r"\x1b\[[\d;]*m", "", log.read_text(errors="replace"))


def python(way, only=None):
    """{test: outcome}; `only`: of those."""
    outcomes = {}
    for module in PYTHON if only is None else sorted({test.split(".")[1] for test in only}):
        report = folder / "report.xml"
        report.unlink(missing_ok=True)
        chosen = [word for test in only or () if test.split(".")[1] == module for word in ("-m", test.split(" ")[0])]
        # A fresh directory: some leave files behind.
        work = Path(tempfile.mkdtemp(dir=folder))
        run(way, ["/usr/bin/python3", "-m", "test", "--timeout", "900", "--junit-xml", report, "-i", "*VSOCK*", *chosen, module], 920, cwd=work)
        if not report.exists():
            outcomes[f"test.{module}"] = "no report"
            continue
        for case in xml.parse(report).iter("testcase"):
            kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
            if "status" in case.attrib or kinds:
                outcomes[case.get("name")] = min(kinds, default="ok")
    return outcomes


def takes_connections(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serve(words, port):
    server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp", start_new_session=True, env=environment)
    apps.wait_until(lambda: takes_connections(port), f"{words[0]} serves", within=20)
    return server


def end(server):
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def redis(way, only=None):
    suite = unpacked("redis")
    (suite / "src" / "redis-cli").unlink(missing_ok=True)
    for program in ("redis-cli", "redis-benchmark", "redis-server"):
        link = suite / "src" / program
        link.unlink(missing_ok=True)
        link.symlink_to(shutil.which(program))
    server = serve(["redis-server", "--bind", "127.0.0.1", "--port", str(REDIS_PORT), "--save", "", "--protected-mode", "no", "--enable-debug-command", "yes", "--dir", str(folder)], REDIS_PORT)
    try:
        words = ["tclsh", "tests/test_helper.tcl", "--host", "127.0.0.1", "--port", REDIS_PORT, "--clients", "1"]
        said = run(way, [*words, *(word for unit in REDIS for word in ("--single", unit))], 900, cwd=suite)
    finally:
        end(server)
    return {name: kind for kind, name in re.findall(r"\[(ok|err|exception|timeout)\]: (.*?)(?: \(\d+ ms\))?(?: in tests/.*)?$", said, re.M)}


def postgres(way, only=None):
    suite = unpacked("postgresql") / "src/test/regress"
    version = suite.parents[2].name.removeprefix("postgresql-").split(".")[0]
    installed = Path(f"/usr/lib/postgresql/{version}")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, out = (Path(tempfile.mkdtemp(dir=folder)) for _ in range(2))
    for one in (data, out):
        shutil.chown(one, "postgres", "postgres")
    subprocess.run([*as_user, installed / "bin/initdb", "-D", data, "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"], check=True, capture_output=True, cwd="/tmp")
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 0.0.0.0/0 trust\n")  # the called gateway's address
    server = serve([*as_user, str(installed / "bin/postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(POSTGRES_PORT), "-k", "", "-F", "-c", "max_connections=60"], POSTGRES_PORT)
    try:
        said = run(way, [installed / "lib/pgxs/src/test/regress/pg_regress", f"--inputdir={suite}", f"--outputdir={out}", f"--bindir={installed}/bin",
                         "--host=127.0.0.1", f"--port={POSTGRES_PORT}", "--user=postgres", "--max-connections=20", f"--schedule={suite}/parallel_schedule"], 1500,
                   cwd=out, env={**environment, "PGDATABASE": "postgres"})
    finally:
        end(server)
    return dict(re.findall(r"^(?:test|    ) +(\w+) +\.\.\. (ok|FAILED)", said, re.M))


SUITES = {"python": python, "redis": redis, "postgresql": postgres}


def reason_of(suite, test):
    return next((why for of, pattern, why in REASONS if of == suite and re.search(pattern, test)), None)


def compare(suite, run_suite):
    """How many differ without a reason."""
    direct = run_suite("directly")
    print(f"## {suite}: {len(direct)} tests, directly {sum(value in ('ok', 'skipped') for value in direct.values())} as they should", flush=True)
    unexplained = 0
    for way in [way for way in WAYS if way != "directly"]:
        got = run_suite(way)
        differing = {test for test in {*direct, *got} if direct.get(test) != got.get(test)}
        if suite == "python" and differing:  # some are a matter of luck
            again, once_more = run_suite(way, differing), run_suite("directly", differing)
            differing = {test for test in differing if again.get(test) != direct.get(test) and once_more.get(test) == direct.get(test)}
        print(f"- {way}: {len(differing)} differ", flush=True)
        for test in sorted(differing):
            reason = reason_of(suite, test) if way == "wrap, two gateways" else None
            unexplained += reason is None
            print(f"  - `{test}`: directly {direct.get(test)}, so {got.get(test)}; {reason or 'NO REASON'}", flush=True)
    return unexplained


def main():
    chosen = sys.argv[2:] or list(SUITES)
    net = bed.network([], [], ["127.0.0.1:1-65535", "[::1]:1-65535"])
    try:
        net.start()
        unexplained = sum(compare(name, SUITES[name]) for name in chosen)
    finally:
        net.close()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(unexplained > 0)


if __name__ == "__main__":
    main()
