"""The manual's table of metrics is what nodes of all roles serve: each family, its labels, and at which role it is."""
import json
import time

from hublink_harness import apps, cli, metrics, web
from hublink_harness.collector import Collector, send_to
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.network import Ports
from hublink_harness.topologies import three_hubs, transfer

ROLES = {"HOST1": "client", "ServerA": "server", "MGR": "manager"}
ports = Ports()


def with_gateway(topology):
    topology["nodes"]["ServerA"]["proxy"] = {"enabled": True}
    topology["nodes"]["ServerB"]["proxy"] = {"enabled": True}
    topology["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "listen": f"127.1.1.1:{ports.take()}", "called": "ServerB",
                                   "deliver": f"127.1.2.50:{ports.take()}"}}
    return topology


def labels_by_family(samples):
    """Family -> all labels that its samples have, without those of a histogram's buckets."""
    found = {}
    for name, labels in samples:
        found.setdefault(metrics.family(name), set()).update(label for label, _ in labels if label != "le")
    return found


class Manual(Managed):
    topology = with_gateway(managed(three_hubs(FILE=transfer("HOST1", "HOST2"), GONE=transfer("HOST1", "HOST3"))))
    maxDiff = None

    @classmethod
    def prepare(cls, net):
        cls.doors = {node: web.measure(net, node) for node in ROLES}
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.__exit__)
        send_to(net, "HOST1", cls.collector.endpoint)
        place = net.data("HOST1") / "local.json"
        place.write_text(json.dumps({**json.loads(place.read_text()), "jobs": {"FILE": {"post_send": {"command": ["true"]}}}}))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_all_happen()

    @classmethod
    def make_all_happen(cls):
        """Whatever is counted only once there is something to count."""
        net = cls.net
        for path in ("out/FILE", "out/GONE"):
            net.write("HOST1", path, 1000)
        for words in (("login", "--user", "op"), ("apply", net.file)):
            done = net.cli("MGR", *words, env={"HUBLINK_PASSWORD": PASSWORD})
            assert done.code == cli.DONE, str(done)
        net.stop("HOST3")
        for words in (("send", "FILE", "--wait"), ("send", "GONE")):
            done = net.cli("HOST1", *words)
            assert done.code == cli.DONE, str(done)
        listen = net.topology["gateways"]["db"]["listen"].rsplit(":", 1)
        with apps.connect((listen[0], int(listen[1]))) as asked:  # nobody is there to whom it could be delivered
            try:
                apps.read_all(asked)
            except ConnectionResetError:
                pass

    def scrape(self):
        """Role -> family -> labels."""
        found = {}
        for node, role in ROLES.items():
            answer = self.doors[node].get("/metrics")
            self.assertEqual(200, answer.status, str(answer))
            found[role] = labels_by_family(metrics.samples(answer.body.decode()))
        answer = self.doors["MGR"].get("/metrics/network")
        of_all = labels_by_family(metrics.samples(answer.body.decode()))
        found["network"] = {"hublink_node_reachable": of_all["hublink_node_reachable"]}
        return found

    def scraped(self):
        """When all that the manual names is there, or has had time to be."""
        wanted, end = metrics.of_the_manual(), time.monotonic() + 15
        while wanted - set().union(*(found := self.scrape()).values()) and time.monotonic() < end:
            time.sleep(0.2)
        return found

    def test_each_family_is_served_and_each_served_one_is_there(self):
        served = set().union(*self.scraped().values())
        named = metrics.of_the_manual()
        self.assertEqual((set(), set()), (named - served, served - named), "(named and not served, served and not named)")

    def test_each_has_its_labels(self):
        served = {}
        for families in self.scraped().values():
            for name, labels in families.items():
                served.setdefault(name, set()).update(labels)
        wrong = {name: (sorted(labels), sorted(served[name])) for name, labels in metrics.labels_of_the_manual().items()
                 if set(labels) != served.get(name, set(labels))}
        self.assertEqual({}, wrong, "(named, served)")

    def test_each_is_at_the_role_that_the_manual_says(self):
        """Where it says none, a family may be anywhere."""
        found = self.scraped()
        wrong = {name: (role, sorted(where)) for name, role in metrics.roles_of_the_manual().items()
                 if (where := {served for served, families in found.items() if name in families}) != {role}}
        self.assertEqual({}, wrong)
