"""`backup` and `restore`: consistent while the node runs, whole or not at all, and nothing lost or doubled after it."""
import os
import shutil
import sqlite3

from hublink_harness import cli, web
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Backup(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), SLOW=transfer("HOST1", "HOST2", rate=300_000))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        net.own_keys()
        cls.door = web.serve(net, "HOST2")

    def setUp(self):
        self.file = self.net.directory / f"{self.id().split('.')[-1]}.backup"

    def backup(self, node, *words, code=cli.DONE):
        return self.expect_exit(code, self.net.cli(node, "backup", self.file, *words))

    def restore(self, folder, *words, code=cli.DONE, file=None):
        return self.expect_exit(code, cli.run("restore", file or self.file, "--data", folder, *words))

    def replace_machine(self, node, *words):
        """All that the node kept is gone, but for the events, which the reader of these tests follows; what the backup has is there instead."""
        data = self.net.data(node)
        self.net.kill(node)
        for path in data.iterdir():
            if not path.name.startswith("events"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.restore(data, *words)

    def rows(self, where):
        with sqlite3.connect(where) as database:
            return {row[0] for row in database.execute("SELECT transfer FROM transfers")}

    def test_while_files_are_sent(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        sent = {self.send_and_wait("HOST1", "FILE01") for _ in range(5)}
        self.net.write("HOST1", "out/SLOW", 3_000_000)
        slow = self.net.send("HOST1", "SLOW")
        self.net.traces.expect("HOST2", "told", transfer=slow)
        self.backup("HOST1")
        self.assertEqual(0o600, self.file.stat().st_mode & 0o777)
        self.assertLessEqual(sent | {slow}, self.rows(self.file))
        self.assertEqual([], [path.name for path in self.file.parent.glob(self.file.name + "*") if path != self.file])
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", slow))

    def test_a_lost_machine_goes_on_where_the_backup_was(self):
        source = self.net.write("HOST1", "out/SLOW", 3_000_000)
        slow = self.net.send("HOST1", "SLOW")
        self.net.traces.expect("HOST2", "told", transfer=slow)
        (self.net.data("HOST1") / "local.json").write_text('{"jobs_at_once": 7}')
        self.backup("HOST1", "--keys", self.net.keys / "HOST1")
        content = source.read_bytes()
        data, keys = self.net.data("HOST1"), self.net.keys / "HOST1"
        before = {path.name: path.read_bytes() for path in keys.iterdir() if path.suffix == ".pem"}
        shutil.rmtree(keys)
        self.replace_machine("HOST1", "--keys", keys)
        self.assertEqual(before, {path.name: path.read_bytes() for path in keys.iterdir() if path.suffix == ".pem"})
        self.assertEqual('{"jobs_at_once": 7}', (data / "local.json").read_text())
        self.net.write("HOST1", "out/SLOW", content)
        os.utime(self.net.data("HOST1") / "out/SLOW", ns=(source.stat().st_atime_ns, source.stat().st_mtime_ns))
        self.net.start("HOST1")
        self.addCleanup((data / "local.json").unlink)
        states = lambda: {row["transfer"]: row["state"] for row in self.net.cli("HOST1", "transfers", "--json").json()}
        self.net.traces.until(lambda: states().get(slow) not in ("queued", "running"), "the transfer's end", within=40)
        self.assertIn(states()[slow], ("done", "failed"))  # a source that is another file by now may not go on
        again = self.send_and_wait("HOST1", "SLOW", "--timeout", "40s", deadline=60)
        self.assertNotEqual(slow, again)
        self.assertEqual(content, (self.net.data("HOST2") / "in/SLOW").read_bytes())

    def test_programs_keep_their_tokens(self):
        asks = lambda text: self.door.with_token(text).get("/api/v1/status").status
        added = [self.net.cli("HOST2", "tokens", "add", name, "--rights", "view") for name in ("kept", "gone")]
        kept, gone = (self.expect_exit(cli.DONE, done).out.strip() for done in added)
        self.addCleanup(self.net.cli, "HOST2", "tokens", "remove", "kept")
        self.expect_exit(cli.DONE, self.net.cli("HOST2", "tokens", "remove", "gone"))
        self.backup("HOST2")
        self.replace_machine("HOST2")
        self.net.start("HOST2")
        self.assertEqual((200, 401), (asks(kept), asks(gone)))
        self.assertEqual(["kept"], [row["name"] for row in self.net.cli("HOST2", "tokens", "list", "--json").json()])

    def test_a_manager_keeps_its_map_and_drafts(self):
        folder = self.net.data("HOST2") / "console"  # as node/web/workbench.cpp writes it
        folder.mkdir(mode=0o700)
        self.addCleanup(shutil.rmtree, folder)
        made = {"places.json": '{"places":{}}', "draft op@x.json": "{}", "draft token a.b.json": '{"version":3}'}
        for name, text in {**made, ".places.json.new": "half", "draft .json": "{}", "notes.txt": "no"}.items():
            (folder / name).write_text(text)
        self.backup("HOST2")
        self.restore(self.net.directory / "drawn")
        there = self.net.directory / "drawn/console"
        self.assertEqual(made, {path.name: path.read_text() for path in there.iterdir()})
        self.assertEqual((0o700, 0o600), (there.stat().st_mode & 0o777, (there / "places.json").stat().st_mode & 0o777))

    def test_keys_only_if_they_are_asked_for(self):
        self.backup("HOST2")
        self.assertNotIn(b"PRIVATE KEY", self.file.read_bytes())
        self.backup("HOST2", "--keys", self.net.keys / "HOST2")  # over the one before
        self.assertIn(b"PRIVATE KEY", self.file.read_bytes())
        self.restore(self.net.directory / "without-keys")
        self.assertEqual([], list((self.net.directory / "without-keys").rglob("*.pem")))

    def test_what_is_refused(self):
        for node, words, said in (("HOST1", ("--keys", self.net.directory), "key.pem"),):
            self.assertIn(said, self.backup(node, *words, code=cli.USAGE).err)
        self.assertIn("no journal", self.expect_exit(cli.USAGE, cli.run("backup", self.file, "--data", self.net.directory)).err)
        self.backup("HOST1", "--keys", self.net.keys / "HOST1")
        self.assertIn("another node runs", self.restore(self.net.data("HOST1"), code=cli.USAGE).err)
        empty = self.net.directory / "empty"
        self.restore(empty)
        self.assertIn("has a journal", self.restore(empty, code=cli.USAGE).err)
        self.assertIn("has a key", self.restore(self.net.directory / "other", "--keys", self.net.keys / "HOST1", code=cli.USAGE).err)

    def test_what_is_no_backup(self):
        nothing, text, other = (self.net.directory / name for name in ("nothing", "text", "other.sqlite"))
        text.write_text("no database " * 500)
        with sqlite3.connect(other) as database:
            database.execute("CREATE TABLE transfers (x)")
        for number, file in enumerate((nothing, text, other)):
            with self.subTest(file.name):
                self.assertIn("no backup", self.restore(self.net.directory / f"into-{number}", code=cli.USAGE, file=file).err)
        self.backup("HOST1")
        for number, name in enumerate(("../evil", "definitions/../../evil", "/etc/evil", "keys/../evil", "definitions/.signed",
                                         "console/../evil.json", "console/draft ../evil.json", "console/draft a/b.json", "console/evil.json")):
            with self.subTest(name), sqlite3.connect(self.file) as database:
                database.execute("DELETE FROM backup_files")
                database.execute("INSERT INTO backup_files VALUES (?, 'x')", (name,))
                database.commit()
                folder = self.net.directory / f"evil-{number}"
                self.assertIn("no node keeps", self.restore(folder, "--keys", folder / "keys", code=cli.USAGE).err)
                self.assertFalse((folder / "journal.sqlite").exists())
