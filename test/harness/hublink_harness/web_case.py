"""A network with nodes that serve HTTP, and what is expected of their answers."""
from . import cli, web
from .managed import Managed, managed
from .topologies import three_hubs, transfer

API = "/api/v1/"


def query(path, fields):
    words = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in fields.items()]
    return path + ("?" + "&".join(words) if words else "")


class Web(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), SECRET=transfer("HOST1", "HOST3")))
    serving = ("ServerA", "HOST1", "MGR")

    @classmethod
    def prepare(cls, net):
        cls.doors = {node: web.serve(net, node) for node in cls.serving}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("FILE01", "SECRET"):
            cls.net.write("HOST1", f"out/{name}", 1000)

    def token(self, node, name, rights, *words):
        result = self.net.cli(node, "tokens", "add", name, "--rights", rights, *words)
        self.expect_exit(cli.DONE, result)
        self.addCleanup(self.net.cli, node, "tokens", "remove", name)
        return self.doors[node].with_token(result.out.strip())

    def expect_problem(self, answer, status, code=None, *words):
        self.assertEqual(status, answer.status, str(answer))
        self.assertEqual("application/problem+json", answer.fields["Content-Type"])
        said = answer.json()
        self.assertEqual(status, said["status"])
        if code:
            self.assertEqual(code, said["code"], said)
        for word in words:
            self.assertIn(word, said["detail"])
        return said
