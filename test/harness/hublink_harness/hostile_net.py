"""A managed network with a client and a manager whose places are a script's: EVIL and MGR2, both at home at ServerA."""
from . import scripted_peer
from .managed import PASSWORD, Managed, managed, manager
from .topologies import client, server, transfer


def hostile_topology(**transfers):
    nodes = {
        "ServerA": server("127.1.1.1", "127.1.1.0/24", {"ServerB": 1}),
        "ServerB": server("127.1.2.1", "127.1.2.0/24"),
        "HOST1": client("127.1.1.11", "ServerA"),
        "HOST2": client("127.1.2.12", "ServerB"),
        "EVIL": client("127.1.1.66", "ServerA"),
        "MGR2": manager("127.1.1.8", "ServerA"),
    }
    known = {"FILE01": transfer("HOST1", "HOST2"), "EVILF": transfer("EVIL", "HOST2"), **transfers}
    return managed({"network": "hostile", "nodes": nodes, "transfers": known})


class HostileNet(Managed):
    topology = hostile_topology()
    started = ("ServerA", "ServerB", "MGR", "HOST1", "HOST2")

    def identity(self, name):
        return scripted_peer.Identity(self.net, name)

    def evil_client(self, answer):
        """EVIL, which answers what its home server asks it."""
        evil = scripted_peer.Answerer(self.identity("EVIL"), answer)
        self.addCleanup(evil.close)
        return evil

    def evil_session(self, to, user, rights="view"):
        """A session of MGR2, logged in at that server with an account of those rights."""
        self.add_user(to, user, rights)
        session = scripted_peer.Session(self.identity("MGR2"), "ServerA", [] if to == "ServerA" else [to])
        self.addCleanup(session.close)
        self.assertIsNone(session.login(user, PASSWORD))
        return session

    def expect_serves(self, *nodes):
        """They live, and answer."""
        for node in nodes or self.started:
            self.assertIsNone(self.net.running[node].process.poll(), f"{node} has ended\n{self.net.running[node].logged()}")
            self.assertIn("exit", self.net.ask(node, verb="status"))

    def expect_transfer(self):
        """An honest send goes through."""
        source = self.net.write("HOST1", "out/FILE01", 100_000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)


def deep(levels=900_000):
    return b"[" * levels + b"]" * levels
