"""What grows: long definitions, long journals, answers that lack something."""
import datetime
import json
import secrets
import sqlite3
import threading

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import three_hubs, transfer


class LongDefinition(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def setUp(self):
        self.logged_in()

    def test_what_no_node_could_take_changes_none(self):
        net = json.loads(json.dumps(self.net.topology))
        for i in range(8000):
            net["transfers"][f"NEW{i:04}"] = transfer("HOST1", "HOST2")
        file = self.net.directory / "long.json"
        file.write_text(json.dumps(net))
        before = {row["node"]: row["definition"]["version"] for row in self.net.cli("MGR", "status", "--json").json()}
        data = ("--data", self.net.data("MGR"))
        for words in (("check", file), ("apply", file, "--dry-run", *data), ("apply", file, *data)):
            result = cli.run(*words, deadline=120)
            self.assertEqual(2, result.code, result)
            self.assertIn("nodes.HOST1: its definition would have", result.err)
            self.assertIn("1000000 are allowed", result.err)
        after = {row["node"]: row["definition"]["version"] for row in self.net.cli("MGR", "status", "--json").json()}
        self.assertEqual(before, after)


class Returns(Scenario):
    """Hubs tell who waits that its receiver has started, long before the next attempt is due."""
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2", retry={"count": 100, "every_s": 300}),
                          FILE03=transfer("HOST3", "HOST2", retry={"count": 100, "every_s": 300}))
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST3")

    def test_over_one_hub_and_the_next(self):
        waiting = {}
        for host, file in (("HOST1", "FILE01"), ("HOST3", "FILE03")):
            source = self.net.write(host, f"out/{file}", 10_000)
            waiting[self.net.send(host, file)] = source
        for sent in waiting:
            self.net.traces.expect("ServerB", "refused", transfer=sent)
        self.net.start("HOST2")
        for sent, source in waiting.items():
            self.net.traces.expect("HOST2", "received", transfer=sent, within=10)
            self.expect_received("HOST2", sent, source)


class Incomplete(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def test_a_listing_without_a_node_says_so_and_exits_6(self):
        self.net.write("HOST1", "out/FILE01", 10)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        self.logged_in()
        self.net.stop("HOST3")
        result = self.expect_exit(cli.PARTIAL, self.net.cli("MGR", "history", "--json", deadline=60))
        self.assertEqual(2, len(result.json()), "what the others know is there")
        self.assertIn("nothing from HOST3", result.err)


class LongTrace(Scenario):
    """Who reads a long trace holds nobody up."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")
    COUNT, READERS = 60_000, 16

    @classmethod
    def prepare(cls, net):
        """A day of events that no index knows."""
        folder = net.data("ServerA") / "events"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        net.data("ServerA").chmod(0o700)
        day = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
        begin = int(day.replace(hour=0, minute=0, second=0).timestamp() * 1000)
        cls.ids = [f"{begin + i * 1000:012x}{secrets.token_hex(10)}" for i in range(cls.COUNT)]
        with (folder / f"{day:%Y-%m-%d}.jsonl").open("w") as file:
            for id in cls.ids:
                for event in ("told", "next", "opened", "closed"):
                    file.write(f'{{"time":"{day:%Y-%m-%d}T00:00:00.000000Z","node":"ServerA","event":"{event}","transfer":"{id}",'
                               f'"kind":"transfer","from":"HOST1","file":"FILE01","hop":"ServerB","bytes":{"9" * 60}}}\n')

    def test_many_at_once(self):
        read = []

        def ask(id):
            read.append(self.net.cli("ServerA", "trace", id, "--json", deadline=60))

        readers = [threading.Thread(target=ask, args=(self.ids[i * self.COUNT // self.READERS],)) for i in range(self.READERS)]
        self.net.write("HOST1", "out/FILE01", 100_000)
        for reader in readers:
            reader.start()
        for _ in range(3):
            sent = self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
            self.assertLess(sent.seconds, 5, str(sent))
        for reader in readers:
            reader.join()
        self.assertEqual([4] * self.READERS, [len(each.json()) for each in read])


class LongJournal(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")
    COUNT = 20_000

    def test_filters_and_pages_of_a_long_journal(self):
        self.net.stop("HOST1")
        self.plant("HOST1")
        self.net.start("HOST1")
        whole = self.net.cli("HOST1", "history", "--limit", str(self.COUNT), "--json", deadline=60).json()
        self.assertEqual(self.COUNT, len(whole))
        self.assertEqual(sorted((row["transfer"] for row in whole), reverse=True), [row["transfer"] for row in whole])
        failed = self.net.cli("HOST1", "history", "--state", "failed", "--limit", str(self.COUNT), "--json", deadline=60).json()
        self.assertEqual(self.COUNT // 1000, len(failed))
        self.assertEqual([], self.net.cli("HOST1", "history", "--host", "NOBODY", "--json").json())
        self.assertEqual(1000, len(self.net.cli("HOST1", "history", "--host", "HOST2", "--json").json()))
        self.assertEqual([], self.net.cli("HOST1", "history", "--since", "2030-01-01", "--json").json())
        self.net.write("HOST1", "out/FILE01", 10)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        newest = self.net.cli("HOST1", "history", "--limit", "1", "--json").json()
        self.assertEqual("done", newest[0]["state"])
        self.assertNotIn(newest[0]["transfer"], {row["transfer"] for row in whole})

    def plant(self, node):
        """Finished transfers, into the tables themselves."""
        with sqlite3.connect(self.net.data(node) / "journal.sqlite") as journal:
            columns = journal.execute("PRAGMA table_info(transfers)").fetchall()
            needed = {name: 0 if kind == "INTEGER" else "" for _, name, kind, must, default, _ in columns if must and default is None}
            begin = 1_760_000_000_000
            rows = [{**needed, "transfer": f"{begin + i:012x}{i:020x}", "file": "FILE01", "sender": node, "receivers": '{"HOST2":"done"}',
                     "state": "failed" if i % 1000 == 0 else "done", "finished": 1, "started_ms": begin + i, "ended_ms": begin + i,
                     "saved_ms": begin * 2, "path": "out/FILE01"} for i in range(self.COUNT)]
            names = list(rows[0])
            journal.executemany(f"INSERT INTO transfers ({','.join(names)}) VALUES ({','.join('?' * len(names))})",
                                [[row[name] for name in names] for row in rows])
        journal.close()
