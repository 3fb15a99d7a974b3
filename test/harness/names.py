"""Addresses that are DNS names: each node looks them up at each dial, all their addresses are tried, and look-ups do not wait for
each other."""
import json
import socket
import threading
import time
import unittest

from hublink_harness import apps, cli
from hublink_harness.case import Scenario
from hublink_harness.namespaces import HostsFile, NameServer, OwnFiles
from hublink_harness.network import Network, Ports
from hublink_harness.topologies import three_hubs, transfer

ports = Ports()


def named_hubs():
    """ServerB and HOST2 have names; ServerB listens at one of the addresses of its name alone."""
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), BACK=transfer("HOST2", "HOST1"))
    topology["nodes"]["ServerB"].update(address="hub-b.plant.example:40000", listen="127.1.2.1:40000")
    topology["nodes"]["HOST2"].update(address="host2.plant.example:30000")
    return topology


class Named(Scenario):
    topology = named_hubs()
    ADDRESSES = "127.9.9.9 hub-b.plant.example\n127.1.2.1 hub-b.plant.example\n::1 hub-b.plant.example\n127.1.2.12 host2.plant.example\n"

    @classmethod
    def isolate(cls):
        return OwnFiles(cls.topology["nodes"], {"/etc/hosts": cls.ADDRESSES})

    def test_files_go_both_ways_over_the_address_that_works(self):
        for file, sender, receiver in (("FILE01", "HOST1", "HOST2"), ("BACK", "HOST2", "HOST1")):
            with self.subTest(file):
                source = self.net.write(sender, f"out/{file}", 200_000)
                self.expect_received(receiver, self.send_and_wait(sender, file), source)

    def test_status_says_the_name_and_where_it_listens(self):
        port = self.net.address("ServerB")[1]
        status = self.net.cli("ServerB", "status", "--json").json()
        self.assertEqual((f"hub-b.plant.example:{port}", [f"127.1.2.1:{port}"]), (status["address"], status["listen"]))
        status = self.net.cli("HOST2", "status", "--json").json()
        port = self.net.address("HOST2")[1]
        self.assertEqual((f"host2.plant.example:{port}", [f"127.1.2.12:{port}"]), (status["address"], status["listen"]))

    def test_plan_names_it(self):
        plan = cli.run("plan", self.net.file, "FILE01")
        self.assertIn("hub-b.plant.example", plan.out)


class SystemResolverOfAll(Scenario):
    """`"resolver": "system"` at the top: this file's addresses lead nowhere."""
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["resolver"] = "system"

    @classmethod
    def isolate(cls):
        names = {name: node["address"].rsplit(":", 1)[0] for name, node in cls.topology["nodes"].items()}
        return HostsFile(cls.topology["nodes"], names)

    @classmethod
    def prepare(cls, net):
        def mislead(own, node):
            servers = [entry for name, entry in own["nodes"].items() if name != node and entry["role"] == "server"]
            for number, entry in enumerate(servers):
                entry["address"] = f"127.77.0.{number}:{entry['address'].rsplit(':', 1)[1]}"

        for node in ("HOST1", "HOST2"):
            net.differs_at(node, lambda own, node=node: mislead(own, node))

    def test_a_file_goes_by_the_system(self):
        source = self.net.write("HOST1", "out/FILE01", 100_000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)


class Unknown(unittest.TestCase):
    def test_check_warns_and_a_dial_says_name_and_resolver(self):
        topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
        topology["nodes"]["ServerA"].update(address="no-such-hub.invalid:40000", listen="127.1.1.1:40000")
        space = NameServer(["HOST1"], {})
        self.addCleanup(space.close)
        with Network(topology, space) as net:
            checked = cli.run("check", net.file)
            self.assertEqual(cli.DONE, checked.code, str(checked))
            self.assertIn("no problems", checked.out)
            warning, = checked.err.strip().splitlines()
            self.assertTrue(warning.startswith("warning: nodes.ServerA.address: "), warning)
            self.assertIn("no-such-hub.invalid", warning)
            as_json = json.loads(cli.run("check", net.file, "--json").out)
            self.assertTrue(as_json["valid"])
            self.assertEqual(["nodes.ServerA.address"], [each["path"] for each in as_json["warnings"]])
            net.start("HOST1", "ServerA")
            net.write("HOST1", "out/FILE01", 10)
            sent = net.cli("HOST1", "send", "FILE01", "--wait")
            self.assertNotEqual(cli.DONE, sent.code, str(sent))
            last = sent.err.strip().splitlines()[-1]
            self.assertIn("no-such-hub.invalid", last)
            self.assertIn(NameServer.ADDRESS, last)

    def test_a_node_that_does_not_know_its_own_name_says_so(self):
        topology = three_hubs()
        topology["nodes"]["ServerA"]["address"] = "no-such-hub.invalid:40000"
        space = NameServer(["ServerA"], {})
        self.addCleanup(space.close)
        with Network(topology, space) as net:
            node = net.begin("ServerA")
            self.assertEqual(2, node.wait_end(20))
            del net.running["ServerA"]
            line, = node.log.read_text().strip().splitlines()
            for word in ("no-such-hub.invalid", NameServer.ADDRESS, '"listen"'):
                self.assertIn(word, line)


class SlowNames(unittest.TestCase):
    """A gateway's called side, whose name server says nothing about some names."""

    def test_names_that_nobody_answers_hold_up_no_other(self):
        topology = three_hubs()
        door, service = ports.take(), apps.TcpServer(apps.echo, ("127.1.2.50", 0))
        self.addCleanup(service.close)
        topology["nodes"]["ServerA"]["proxy"] = {"enabled": True, "socks": f"127.1.1.1:{door}", "called": "ServerB"}
        topology["nodes"]["ServerB"]["proxy"] = {"enabled": True, "connect_s": 3, "allow": [f"127.1.2.50:{service.address[1]}"]}
        space = NameServer(["ServerB"], {f"fast{i}.plant.example": "127.1.2.50" for i in range(2)}, silent="slow", patience=10)
        self.addCleanup(space.close)
        with Network(topology, space) as net:
            net.start("ServerA", "ServerB")
            ask = lambda name: apps.socks_connect(("127.1.1.1", door), name, service.address[1])
            self.assertEqual(0, ask("fast0.plant.example"))
            answers = {}

            def wait_for(name):
                began = time.monotonic()
                answers[name] = ask(name), time.monotonic() - began

            slow = [threading.Thread(target=wait_for, args=(f"slow{i}.plant.example",)) for i in range(40)]
            for each in slow:
                each.start()
            apps.wait_until(lambda: len([name for name in space.asked if name.startswith("slow")]) >= 40, "all are asked for")
            began = time.monotonic()
            self.assertEqual(0, ask("fast1.plant.example"))
            self.assertLess(time.monotonic() - began, 2)
            for each in slow:
                each.join()
            for name, (code, seconds) in answers.items():
                self.assertNotEqual(0, code)
                self.assertLess(seconds, 6, f"{name}: connect_s is 3")


class DeliveredByName(unittest.TestCase):
    """A gateway whose destination is a name with several addresses."""

    def test_the_address_that_works_is_found(self):
        topology = three_hubs()
        door, service = ports.take(), apps.TcpServer(apps.echo, ("127.1.2.50", 0))
        self.addCleanup(service.close)
        socks = ports.take()
        topology["nodes"]["ServerA"]["proxy"] = {"enabled": True, "socks": f"127.1.1.1:{socks}", "called": "ServerB"}
        topology["nodes"]["ServerB"]["proxy"] = {"enabled": True, "allow": [f"127.1.2.50:{service.address[1]}", f"127.1.2.51:{service.address[1]}",
                                                                            f"[::1]:{service.address[1]}"]}
        topology["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "listen": f"127.1.1.1:{door}", "called": "ServerB",
                                       "deliver": f"db.plant.example:{service.address[1]}"}}
        echo = apps.UdpServer(lambda data, sender, own: own.sendto(data, sender), ("127.1.2.50", 0))
        self.addCleanup(echo.close)
        datagram_door = ports.take()
        topology["gateways"]["ask"] = {"protocol": "udp", "calling": "ServerA", "listen": f"127.1.1.1:{datagram_door}", "called": "ServerB",
                                       "deliver": f"db.plant.example:{echo.address[1]}"}
        space = OwnFiles(["ServerB"], {"/etc/hosts": "127.1.2.51 db.plant.example\n::1 db.plant.example\n127.1.2.50 db.plant.example\n"})
        self.addCleanup(space.close)
        with Network(topology, space) as net:
            net.start("ServerA", "ServerB")
            with apps.connect(("127.1.1.1", door)) as application:
                application.sendall(b"hello")
                self.assertEqual(b"hello", apps.read_exactly(application, 5))
            self.assertEqual(0, apps.socks_connect(("127.1.1.1", socks), "db.plant.example", service.address[1]))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as application:
                application.settimeout(1)
                application.connect(("127.1.1.1", datagram_door))
                for _ in range(20):
                    application.send(b"question")
                    try:
                        self.assertEqual(b"question", application.recv(100))
                        break
                    except OSError:  # nobody is at the first address
                        continue
                else:
                    self.fail("no datagram came back")
            streams = [*net.cli("ServerB", "streams", "--json").json(), *net.cli("ServerB", "streams", "--closed", "--json").json()]
            self.assertEqual({f"127.1.2.50:{service.address[1]}", f"127.1.2.50:{echo.address[1]}"}, {row["to"] for row in streams})


if __name__ == "__main__":
    unittest.main()
