"""A hundred mistakes of who begins with hublink, in files and at the command line. Each gets few lines on stderr that say what, where and what
to do, and the exit code of its kind; none starts anything, and none shows a program's inside."""
import copy
import json
import re
import shutil

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import of_the_pages

NOBODY = "0" * 32
USAGE, GONE, REFUSED, FAILED = cli.USAGE, cli.UNREACHABLE, cli.REFUSED, cli.FAILED
# What a reader of a message has no use for.
INSIDE = re.compile(r"exception|terminate|std::|basic_|asio|caf\W|nlohmann|\\u000|: :|\(at \)|''")


def of(kind, name):
    return lambda net: net[kind][name]


NODE, FILE, GATEWAY = (lambda name, kind=kind: of(kind, name) for kind in ("nodes", "transfers", "gateways"))


def put(where, **fields):
    """That part of the topology with these fields."""
    return lambda net: where(net).update(fields)


def drop(where, field):
    return lambda net: where(net).pop(field)


def island(net):
    for name, beside in (("ServerA", {}), ("ServerB", {"ServerC": 1}), ("ServerC", {"ServerB": 1})):
        net["nodes"][name]["neighbours"] = beside


# What was done to a topology file that is right, and words that stand in what `check` says.
IN_TOPOLOGIES = (
    (lambda net: NODE("HOST1")(net).update(adress=NODE("HOST1")(net).pop("address")), "nodes.HOST1.adress", 'did you mean "address"?'),
    (put(NODE("ServerA"), address="127.1.1.1"), "nodes.ServerA.address", "no address with port such as 127.1.1.1:40000"),
    (put(NODE("ServerA"), address="127.1.1.1:70000"), "nodes.ServerA.address", "no address with port such as"),
    (put(NODE("ServerA"), address="127.1.1.1:0"), "nodes.ServerA.address", "write the address and port that others reach"),
    (put(NODE("ServerA"), address="127.1.1.300:40000"), "nodes.ServerA.address", "no address with port such as"),
    (put(NODE("ServerA"), address="http://127.1.1.1:40000"), "nodes.ServerA.address", "no address with port such as"),
    (put(NODE("ServerA"), address=40000), "nodes.ServerA.address", "must be a text in quotes"),
    (put(NODE("ServerB"), address="127.1.1.1:40000"), "nodes.ServerB.address", "is the address of ServerA too; give each its own"),
    (put(NODE("ServerA"), role="hub"), "nodes.ServerA.role", 'write "manager" or "server" or "client"'),
    (drop(NODE("ServerA"), "role"), "nodes.ServerA.role", "is missing; write"),
    (drop(NODE("HOST1"), "home"), "nodes.HOST1.home", "name the server that it is registered with"),
    (put(NODE("HOST1"), home="ServrA"), "nodes.HOST1.home", "there is no node ServrA"),
    (put(NODE("HOST1"), home="HOST2"), "nodes.HOST1.home", "HOST2 is a client; name a server"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], ServerA=1), "no neighbour of itself; remove it"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], ServerD=1), "neighbours.ServerD", "there is no node ServerD"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], HOST1=1), "neighbours.HOST1", "name a server"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], ServerB=0), "must be a whole number from 1"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], ServerB="1"), "must be a whole number from 1"),
    (put(lambda net: net["nodes"]["ServerA"]["neighbours"], ServerB=5), "contradicts", "write it once or the same twice"),
    (put(NODE("ServerA"), neighbours=["ServerB"]), "nodes.ServerA.neighbours", "must be an object: { ... }"),
    (put(NODE("ServerA"), segment="127.1.1.0"), "nodes.ServerA.segment", "no IP network such as 127.1.1.0/24"),
    (put(NODE("ServerA"), segment="127.1.1.0/33"), "nodes.ServerA.segment", "no IP network such as"),
    (put(lambda net: net, nodes=[]), "nodes", "must be an object"),
    (put(lambda net: net, nodes={}), "there is no server; add one"),
    (drop(lambda net: net, "network"), "network", "name the network"),
    (put(lambda net: net, network=5), "network", "must be a text in quotes"),
    (lambda net: net["nodes"].update({"a/b": {"role": "client", "address": "127.1.1.99:30000", "home": "ServerA"}}), "nodes.a/b", "rename it"),
    (lambda net: net["nodes"].update({"a" * 80: {"role": "client", "address": "127.1.1.99:30000", "home": "ServerA"}}), "1 to 64 letters"),
    (put(FILE("FILE01"), to="HOST2"), "transfers.FILE01.to", 'must be a list of names: ["..."]'),
    (put(FILE("FILE01"), to=[]), "transfers.FILE01.to", "is empty; name a client"),
    (put(FILE("FILE01"), to=["HOST9"]), "transfers.FILE01.to[0]", "there is no node HOST9"),
    (put(FILE("FILE01"), to=["ServerA"]), "transfers.FILE01.to[0]", "ServerA is a server; name a client"),
    (put(FILE("FILE01"), to=["HOST1"]), "transfers.FILE01.to[0]", "HOST1 is the sender; remove it"),
    (put(FILE("FILE01"), to=["HOST2", "HOST2"]), "transfers.FILE01.to[1]", "is there twice; name it once"),
    (drop(FILE("FILE01"), "from"), "transfers.FILE01.from", "name the client that sends"),
    (put(FILE("FILE01"), receive={"path": "../../etc/passwd"}), "FILE01.receive.path", "leads out of the node's data directory", '"roots"'),
    (put(FILE("FILE01"), receive={"path": ""}), "FILE01.receive.path", "must name a file"),
    (put(lambda net: net["transfers"], FILE09={"from": "HOST1", "to": ["HOST2"], "receive": {"path": "in/report.bin"}}), "as FILE01 does", "its own path"),
    (put(FILE("FILE01"), store="yes"), "transfers.FILE01.store", '"when_unreachable"'),
    (put(FILE("FILE01"), rate="fast"), "transfers.FILE01.rate", '"20MB/s"'),
    (put(FILE("FILE01"), rate="0"), "transfers.FILE01.rate", "from 1KB/s"),
    (put(FILE("FILE01"), retry=5), "transfers.FILE01.retry", "must be an object"),
    (put(FILE("FILE01"), retry={"count": -1}), "FILE01.retry.count", "from 0 to 1000"),
    (put(FILE("FILE02"), placement="semi"), "transfers.FILE02.placement", '"auto" or "manual"'),
    (put(FILE("FILE02"), placement="auto"), "transfers.FILE02.via", 'only counts with "placement": "manual"'),
    (put(FILE("FILE02"), via=["ServerX"]), "transfers.FILE02.via[0]", "there is no node ServerX"),
    (put(FILE("FILE01"), digest="md5"), "transfers.FILE01.digest", '"xxh128" or "sha256"'),
    (put(FILE("FILE01"), if_exists="overwrite"), "transfers.FILE01.if_exists", '"replace" or "refuse"'),
    (put(GATEWAY("db"), protocol="icmp"), "gateways.db.protocol", '"tcp" or "udp"'),
    (put(GATEWAY("db"), calling="HOST1"), "gateways.db.calling", "HOST1 is a client; name a server"),
    (put(GATEWAY("db"), listen="15432"), "gateways.db.listen", "no address with port such as"),
    (put(GATEWAY("db"), listen="127.1.1.1:40000"), "gateways.db.listen", "is used by node ServerA too"),
    (drop(GATEWAY("db"), "deliver"), "gateways.db.deliver", "the real destination"),
    (island, "nodes.ServerB", "no way leads here from ServerA", "neighbour on the way"),
    (put(NODE("ServerA"), limits={"transfer": 5}), "nodes.ServerA.limits.transfer", 'did you mean "transfers"?'),
    (put(NODE("ServerA"), limits={"transfers": "many"}), "nodes.ServerA.limits.transfers", "whole number"),
    (put(NODE("ServerB"), proxy={"enabled": True, "allow": ["10.2.0.7"]}), "nodes.ServerB.proxy.allow[0]", "10.2.0.0/16:5432"),
    (put(NODE("ServerB"), proxy=True), "nodes.ServerB.proxy", "must be an object"),
)

# The same of its text.
IN_TEXTS = (
    (lambda text: text.replace('"ServerB",', '"ServerB",,', 1), "line ", "unexpected ','"),
    (lambda text: text.replace('"nodes"', "nodes", 1), "line 3, column 3", "stand in double quotes"),
    (lambda text: text.replace('"', "'"), "line 2, column 2", "not in single ones"),
    (lambda text: text[:-2], "expected '}'"),
    (lambda text: text.replace('"HOST2": {', '"HOST1": {', 1), "nodes.HOST1", "is there twice; keep one of them"),
    (lambda text: "", "there is nothing in it"),
    (lambda text: "[]", "must be an object"),
    (lambda text: "network: three-hubs\nnodes:\n", "line 1", "stand in double quotes"),
    (lambda text: "# mine\n" + text, "line 1, column 1", "comments are no part of JSON; remove it"),
    (lambda text: text.encode("utf-16"), "save it as UTF-8"),
)

# Lines without a node, in a folder with net.json, keys/ for it, `text` (no file of hublink's) and `others` (a key that others can read).
AT_THE_COMMAND_LINE = (
    ("", USAGE, "hublink --help"),
    ("sned FILE01", USAGE, "did you mean send?"),
    ("help sned", USAGE, "did you mean send?"),
    ("manual sned", USAGE, "did you mean send?"),
    ("users lst --data ServerA", USAGE, "did you mean list?"),
    ("tokens", USAGE, "hublink tokens --help"),
    ("send", USAGE, "FILE is required", "hublink send --help"),
    ("send FILE01", USAGE, "--data is required"),
    ("send FILE01 --data nowhere", GONE, "no node runs in nowhere", "hublink run"),
    ("send FILE01 --data HOST1 --to HOST3", USAGE, "--to HOST3 are not expected"),
    ("send FILE01 --data HOST1 --timeout soon", USAGE, "such as 10, 10s, 10m or 2h"),
    ("history --data HOST1 --since soon", USAGE, "2026-01-31T12:00:00Z"),
    ("plan net.json FILE01 --jsn", USAGE, "did you mean --json?"),
    ("plan net.json FILE99", REFUSED, "there is no transfer FILE99; known: FILE01"),
    ("check", USAGE, "NET.json is required"),
    ("check nonet.json", USAGE, "nonet.json can't be read"),
    ("check .", USAGE, "Is a directory"),
    ("run", USAGE, "--node is required"),
    ("run net.json --node HOST9", USAGE, "net.json has no node HOST9"),
    ("run nonet.json --node HOST1", USAGE, "nonet.json can't be read"),
    ("run net.json --node HOST1 --role server", USAGE, "HOST1 is a client in net.json, not a server"),
    ("run net.json --node HOST1 --role hub", USAGE, "manager,server,client"),
    ("run net.json --node HOST1 --keys nokeys", USAGE, "there is no private key nokeys/key.pem", "hublink keys makes"),
    ("run net.json --node HOST1 --keys keys", USAGE, "there is no private key keys/key.pem"),
    ("run net.json --node HOST1 --keys keys/HOST2", USAGE, "is of HOST2, not of HOST1"),
    ("run net.json --node HOST1 --keys others", USAGE, "can be read by others: chmod 600 it"),
    ("run net.json --node HOST1 --keys keys/HOST1 --data text", USAGE, "text is there, and is no directory", "--data"),
    ("run --join here --node HOST1", USAGE, "takes an address such as 127.1.1.1:40000"),
    ("run --join 127.0.0.1:9 --node HOST9 --code abc", USAGE, "code"),
    ("keys net.json", USAGE, "--out is required"),
    ("keys net.json --out text", USAGE, "text is there, and is no directory; name another place"),
    ("keys net.json --out more --days 0", USAGE, "1 to 3650"),
    ("keys revoke HOST9 --out keys", USAGE, "never issued a certificate to HOST9"),
    ("keys revoke HOST3 --out nokeys", USAGE, "nokeys holds no CA: hublink keys NET.json --out makes one"),
    ("certificates", USAGE, "--keys or --data is required"),
    ("certificates --keys nokeys", USAGE, "nokeys can't be read"),
    ("bundle HOST9 --net net.json --keys keys", USAGE, "net.json has no node HOST9"),
    ("install text", USAGE, "text is no bundle of hublink", "make it again with hublink bundle"),
    ("install nofile", USAGE, "nofile can't be read"),
    ("restore text --data fresh", USAGE, "text is no backup of hublink"),
    ("restore nofile --data fresh", USAGE, "nofile is no backup of hublink: there is no such file"),
    ("backup it --data HOST1", USAGE, "HOST1 has no journal: it is no node's directory"),
    ("init", USAGE, "net.json is there already; name another file"),
    ("sign text", USAGE, "--keys is required"),
    ("wrap", USAGE, "name a program: hublink wrap -- COMMAND"),
    ("wrap -- true", USAGE, "no gateway is named; give --gateway", "127.1.1.1:1080"),
    ("wrap --gateway x -- true", USAGE, "'x' is no gateway; give --gateway"),
    ("wrap --gateway 127.0.0.1:9 --only abc -- true", USAGE, "10.2.0.0/16 or 10.2.0.7:5432"),
    ("wrap --gateway 127.0.0.1:9 -- noprogram", USAGE, "there is no program noprogram"),
    ("drain --data HOST1 --for soon", USAGE, "such as 10, 10s, 10m or 2h"),
    ("rate fast --data HOST1", USAGE, "such as 20MB/s"),
    ("login --data MGR", USAGE, "--user is required"),
)

# Lines at nodes that run.
AT_NODES = (
    ("HOST1", "send FILE99", REFUSED, "no send definition for FILE99", "did you mean FILE0"),
    ("HOST1", "send other", REFUSED, "known here: FILE01", "(hublink files)"),
    ("HOST1", "send FILE03", FAILED, "out/FILE03: No such file", "HOST1"),
    ("HOST1", "request FILE01", REFUSED, "no receive definition for FILE01"),
    ("HOST1", "trace zzz", FAILED, "hublink transfers lists those that are"),
    ("HOST1", f"cancel {NOBODY}", FAILED, "is not under way here; see hublink transfers and history"),
    ("HOST1", f"retry {NOBODY}", FAILED, "see hublink history"),
    ("HOST1", "history --state bad", USAGE, "there is no state 'bad'; these are: queued, running"),
    ("HOST1", "ping HOST9", GONE, "HOST9 is no node", "correct the name"),
    ("HOST1", f"deliver {NOBODY}", REFUSED, "HOST1 is no server: it has no store"),
    ("HOST1", "users list", USAGE, "HOST1 is no server: it has no accounts"),
    ("HOST1", "apply", USAGE, "HOST1 is no manager: it applies nothing"),
    ("HOST1", "login --user admin", USAGE, "give --password-file or HUBLINK_PASSWORD"),
    ("HOST1", "drain --for 2d", USAGE, "for a day (86400 s) at most"),
    ("ServerA", "send FILE01", REFUSED, "ServerA is no client: it has no send definitions"),
    ("ServerA", "users set nobody --rights read", USAGE, "there is no user nobody; see hublink users list"),
    ("ServerA", "tokens remove nothere", USAGE, "there is no token nothere; see hublink tokens list"),
    ("ServerA", f"deliver {NOBODY}", USAGE, "waits for nobody in the store of ServerA; see hublink stored"),
    ("ServerA", "revoke HOST1", USAGE, "ServerA is no manager: it revokes nothing"),
    ("ServerA", "invite HOST9", USAGE, "ServerA is no manager: it invites nobody"),
    ("MGR", "send FILE01", USAGE, "not logged in; see hublink login"),
    ("MGR", "apply", USAGE, "not logged in; see hublink login"),
    ("MGR", "invite HOST9", USAGE, "this manager holds no CA", "hublink keys entrust"),
    ("MGR", "logout --user bob", USAGE, "bob is not logged in; see hublink login"),
)

LONGEST = 420  # characters of a line


class Mistakes(Scenario):
    topology = of_the_pages()

    def setUp(self):
        self.folder = self.net.directory / "mistakes"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        self.net_text = json.dumps(of_the_pages(), indent=1)
        (self.folder / "net.json").write_text(self.net_text)

    def expect_said(self, done, code, words):
        """Nothing of it is on stdout."""
        self.assertEqual(code, done.code, done)
        for word in words:
            self.assertIn(word, done.err)
        for line in done.err.splitlines():
            self.assertLessEqual(len(line), LONGEST, line)
            self.assertIsNone(INSIDE.search(line), line)
        self.assertLessEqual(1, len(done.err.splitlines()), done)

    def there(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def test_in_a_topology(self):
        for number, (change, *words) in enumerate(IN_TOPOLOGIES):
            with self.subTest(number=number, words=words):
                net = copy.deepcopy(of_the_pages())
                change(net)
                self.check(json.dumps(net).encode(), words)

    def test_in_the_text_of_a_topology(self):
        for number, (change, *words) in enumerate(IN_TEXTS):
            with self.subTest(number=number, words=words):
                text = change(self.net_text)
                self.check(text if isinstance(text, bytes) else text.encode(), words)

    def check(self, text, words):
        file = self.folder / "wrong.json"
        file.write_bytes(text)
        self.expect_said(cli.run("check", file), USAGE, words)

    def test_at_the_command_line(self):
        shutil.copytree(self.net.own_keys(), self.folder / "keys")
        (self.folder / "text").write_text("text")
        shutil.copytree(self.folder / "keys/HOST1", self.folder / "others")
        (self.folder / "others/key.pem").chmod(0o644)
        before = self.there()
        for line, code, *words in AT_THE_COMMAND_LINE:
            with self.subTest(line=line):
                self.expect_said(cli.run(*line.split(), cwd=self.folder), code, words)
                self.assertEqual(before, self.there())

    def test_at_nodes(self):
        for node, line, code, *words in AT_NODES:
            with self.subTest(node=node, line=line):
                self.expect_said(self.net.cli(node, *line.split()), code, words)

    def test_there_are_a_hundred(self):
        self.assertLess(100, len(IN_TOPOLOGIES) + len(IN_TEXTS) + len(AT_THE_COMMAND_LINE) + len(AT_NODES))
