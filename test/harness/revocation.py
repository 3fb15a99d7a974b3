"""`hublink revoke` at a manager: one command, and every node refuses whom it names; who was away hears of it when it is back."""
import shutil

from hublink_harness import cli
from hublink_harness.managed import managed
from hublink_harness.topologies import three_hubs, transfer

from apply import Applying


class Revoking(Applying):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE04=transfer("HOST1", "HOST2", "HOST3")))

    @classmethod
    def prepare(cls, net):
        """The CA's folder is not that of the nodes: what is revoked there they hear from the manager alone."""
        cls.folder = net.directory / "folder-of-the-ca"
        shutil.copytree(net.own_keys(), cls.folder)

    def setUp(self):
        self.logged_in()

    def revoke(self, *words):
        result = self.net.cli("MGR", "revoke", *words, "--json")
        return result, {row["node"]: row for row in (result.json() if result.out else [])}

    def number(self, node):
        return self.net.ask(node, verb="revocations")["lists"][0]["list"]

    def has_list(self, node, number):
        self.net.traces.until(lambda: self.number(node) == number, f"list {number} at {node}")

    def link_up(self, at, peer):
        return any(link["up"] for link in self.net.cli(at, "status", "--json").json()["links"] if link["peer"] == peer)


class OneCommand(Revoking):
    """Nothing was ever applied: the nodes go by their topology file."""

    def test_all_of_it(self):
        self.what_is_refused()
        self.one_of_a_broadcast()
        self.who_was_away()
        self.two_folders_of_one_ca()
        self.the_ca_at_the_manager()

    def what_is_refused(self):
        self.expect_refusal(self.revoke("HOST3")[0], cli.USAGE, "holds no CA", "--keys")
        self.expect_refusal(self.revoke("HOST9", "--keys", self.folder)[0], cli.USAGE, "HOST9", "never issued")
        self.expect_refusal(self.revoke("MGR", "--keys", self.folder)[0], cli.USAGE, "MGR is the manager")
        self.expect_refusal(self.revoke()[0], cli.USAGE, "NAME")
        self.expect_refusal(self.net.cli("HOST1", "revoke", "--list", self.folder / "ca/crl.pem"), cli.USAGE, "no manager")
        other = self.net.directory / "other-keys"
        self.expect_exit(cli.DONE, cli.run("keys", self.net.file, "--out", other))
        self.expect_refusal(self.revoke("HOST3", "--keys", other)[0], cli.USAGE, "not that of this network")
        self.expect_refusal(self.revoke("--list", other / "ca/crl.pem")[0], cli.FAILED, "not signed by this CA")
        self.assertEqual(1, self.number("ServerA"))

    def one_of_a_broadcast(self):
        """HOST3 is revoked; the others get the file, and it ends for HOST3 alone."""
        result, rows = self.revoke("HOST3", "--keys", self.folder)
        self.expect_exit(cli.DONE, result)
        number = rows["MGR"]["list"]
        self.assertEqual(2, number)
        self.assertEqual({"node": "HOST3", "state": "revoked"}, rows.pop("HOST3"))
        self.assertEqual({("told", number)}, {(row["state"], row["list"]) for row in rows.values()}, rows)
        self.assertEqual({"MGR", "ServerA", "ServerB", "ServerC", "HOST1", "HOST2"}, set(rows))
        self.assertEqual({number}, {self.number(node) for node in rows})
        self.net.traces.until(lambda: not self.link_up("ServerC", "HOST3"), "no link to HOST3")
        source = self.net.write("HOST1", "out/FILE04", 50_000)
        sent = self.net.send("HOST1", "FILE04")
        self.assertEqual({"HOST2": "done", "HOST3": "failed"}, self.net.traces.expect("HOST1", "sent", transfer=sent)["receivers"])
        self.expect_received("HOST2", sent, source)

    def who_was_away(self):
        self.net.stop("HOST2", "ServerC")
        result, rows = self.revoke("HOST3", "--keys", self.folder)
        self.expect_exit(cli.PARTIAL, result)
        self.assertEqual({"HOST2", "ServerC"}, {node for node, row in rows.items() if row["state"] == "failed"}, rows)
        self.assertIn("ServerC", rows["ServerC"]["reason"])
        number = rows["MGR"]["list"]
        self.net.start("HOST2", "ServerC")
        self.net.write("HOST1", "out/FILE01", 100)
        self.net.send("HOST1", "FILE01")  # its link comes up
        self.has_list("HOST2", number)
        self.assertLess(self.number("ServerC"), number)
        self.expect_exit(cli.DONE, self.login())
        self.has_list("ServerC", number)

    def two_folders_of_one_ca(self):
        """A list of a folder that knows less does not take back what another one said."""
        copy = self.net.directory / "copy-of-keys"
        shutil.copytree(self.folder, copy)
        self.expect_exit(cli.DONE, cli.run("keys", "revoke", "HOST1", "--out", copy))
        result, rows = self.revoke("--list", copy / "ca/crl.pem")
        self.assertEqual(rows["MGR"]["list"], self.number("ServerA"), str(result))
        after, rows = self.revoke("HOST2", "--keys", self.folder)
        self.assertEqual(rows["MGR"]["list"], self.number("ServerA"), str(after))
        for host in ("HOST1", "HOST2"):
            self.assertIn("revoked", self.refused(host))

    def refused(self, host):
        """What its server says in its log about its dial."""
        self.net.stop(host)
        begun = cli.run(*self.net.run_command(host, keys=self.folder_with_newest_list(host)), deadline=10)
        return begun.err

    def folder_with_newest_list(self, host):
        folder = self.net.directory / f"newest-{host}"
        shutil.copytree(self.net.keys / host, folder)
        shutil.copy(self.net.data("ServerA") / "crl.pem", folder / "crl.pem")
        return folder

    def the_ca_at_the_manager(self):
        shutil.copytree(self.folder / "ca", self.net.data("MGR") / "ca")
        before = self.number("ServerA")
        result, rows = self.revoke("ServerC")
        self.assertEqual("revoked", rows["ServerC"]["state"], str(result))
        self.assertEqual(before + 1, self.number("ServerA"))
        self.assertEqual(before + 1, self.number("ServerB"))


class ApplySaysTheList(Revoking):
    def test_it_says_which_list_each_node_has(self):
        rows = self.expect_exit(cli.DONE, self.apply()).json()
        self.assertEqual({1}, {row["list"] for row in rows})
        spare = self.net.directory / "spare"
        shutil.copytree(self.net.keys, spare)
        self.expect_exit(cli.DONE, cli.run("keys", "revoke", "HOST3", "--out", spare))
        rows = self.expect_exit(cli.DONE, self.apply()).json()
        self.assertEqual({1}, {row["list"] for row in rows}, "a list that nobody brought")
        self.revoke("--list", spare / "ca/crl.pem")
        result = self.net.cli("MGR", "apply")
        self.assertIn(", list 2", result.out)
        self.assertIn("list 2", next(line for line in result.out.splitlines() if line.startswith("HOST1 ")))
        self.assertNotIn("list 2", next(line for line in result.out.splitlines() if line.startswith("HOST3 ")))
