"""A hub that stands in two networks: inner clients reach its inner address alone, and nobody forwards packets between the two.

One network namespace a segment. The hubs' addresses lie on two interfaces each."""
import os
import subprocess
import sys
import unittest

from hublink_harness import apps, cli
from hublink_harness.case import Scenario
from hublink_harness.namespaces import Wired
from hublink_harness.topologies import client, server, transfer

CONNECT = "import socket, sys; s = socket.socket(); s.settimeout(5); sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))))"
SERVICE = """
import socket, sys
listener = socket.create_server(("192.168.7.50", 5432))
print("ready", flush=True)
while True:
    connection, peer = listener.accept()
    connection.sendall(peer[0].encode())
    connection.close()
"""
ASK = "import socket; print(socket.create_connection(('10.2.0.1', 15432), 20).recv(100).decode())"


def network(**hub):
    """ServerA: 10.1.0.1 outside, 192.168.7.1 inside. ServerB: 10.1.0.2 towards it, 10.2.0.1 towards its client."""
    return {
        "network": "two-networks",
        "nodes": {
            "ServerA": server("10.1.0.1", ["10.1.0.0/24", "192.168.7.0/24"], {"ServerB": 1}, proxy={"enabled": True}, **hub),
            "ServerB": server("10.1.0.2", "10.2.0.0/24", listen="0.0.0.0:40000", proxy={"enabled": True}),
            "HOST1": client("192.168.7.11", "ServerA", hosts={"ServerA": "192.168.7.1"}),
            "HOST2": client("10.2.0.12", "ServerB", hosts={"ServerB": "10.2.0.1"}),
            "HOST3": client("10.1.0.13", "ServerA"),
        },
        "transfers": {"OUT": transfer("HOST1", "HOST2"), "IN": transfer("HOST2", "HOST1"), "NEXT": transfer("HOST1", "HOST3")},
        "gateways": {"db": {"protocol": "tcp", "calling": "ServerB", "listen": "10.2.0.1:15432", "called": "ServerA",
                            "deliver": "192.168.7.50:5432"}},
    }


def layout():
    """HOST3 is beside ServerB, on the outer network."""
    return Wired(
        spaces={"hub": ["ServerA"], "outer": ["ServerB", "HOST3"], "inner": ["HOST1"], "far": ["HOST2"]},
        wires=[("hub", ["10.1.0.1/24"], "outer", ["10.1.0.2/24", "10.1.0.13/24"]),
               ("hub", ["192.168.7.1/24"], "inner", ["192.168.7.11/24", "192.168.7.50/24"]),
               ("outer", ["10.2.0.1/24"], "far", ["10.2.0.12/24"])])


class TwoNetworks(Scenario):
    topology = network(listen=["10.1.0.1:40000", "192.168.7.1:40000"])

    @classmethod
    def isolate(cls):
        return layout()

    def run_at(self, node, code, *words):
        return subprocess.run([*self.net.prefix(node), sys.executable, "-c", code, *map(str, words)], capture_output=True,
                              text=True, timeout=60)

    def test_inner_clients_reach_the_inner_address_alone(self):
        port = self.net.address("ServerA")[1]
        self.assertEqual(0, self.run_at("HOST1", CONNECT, "192.168.7.1", port).returncode)
        self.assertNotEqual(0, self.run_at("HOST1", CONNECT, "10.1.0.1", port).returncode)
        self.assertNotEqual(0, self.run_at("HOST2", CONNECT, "10.1.0.1", port).returncode)

    def test_files_go_between_the_networks(self):
        for file, sender, receiver in (("OUT", "HOST1", "HOST2"), ("IN", "HOST2", "HOST1"), ("NEXT", "HOST1", "HOST3")):
            with self.subTest(file):
                source = self.net.write(sender, f"out/{file}", 300_000)
                id = self.send_and_wait(sender, file)
                self.expect_received(receiver, id, source)

    def test_each_client_dials_the_address_that_it_sees(self):
        self.net.write("HOST1", "out/OUT", 10)
        id = self.send_and_wait("HOST1", "OUT")
        port = self.net.address("ServerA")[1]
        self.net.traces.expect("HOST1", "next", transfer=id, hop="ServerA", dialled=f"192.168.7.1:{port}")
        self.net.traces.expect("ServerB", "next", transfer=id, hop="HOST2", by="registered")

    def test_the_called_gateway_reaches_the_inner_network_from_its_address_there(self):
        service = subprocess.Popen([*self.net.prefix("HOST1"), sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (service.kill(), service.wait(), service.stdout.close()))
        self.assertEqual("ready\n", service.stdout.readline())
        asked = self.run_at("HOST2", ASK)
        self.assertEqual("192.168.7.1\n", asked.stdout, asked.stderr)

    def test_status_shows_both(self):
        status = self.net.cli("ServerA", "status", "--json").json()
        port = self.net.address("ServerA")[1]
        self.assertEqual(f"10.1.0.1:{port}", status["address"])
        listen = self.topology["nodes"]["ServerA"]["listen"]
        self.assertEqual([where.replace(":40000", f":{port}") for where in ([listen] if isinstance(listen, str) else listen)], status["listen"])
        self.assertNotIn("not_listening", status)


class AllAddresses(TwoNetworks):
    topology = network(listen="0.0.0.0:40000")


class AllAddressesOfBothFamilies(TwoNetworks):
    topology = network(listen="[::]:40000")
    test_inner_clients_reach_the_inner_address_alone = test_each_client_dials_the_address_that_it_sees = None


class SecondNetworkComesLater(unittest.TestCase):
    """The machine gets its address in the inner network after the hub's start."""

    def test_the_hub_serves_one_and_then_both(self):
        from hublink_harness.network import Network
        space = layout()
        self.addCleanup(space.close)
        with Network(network(listen=["10.1.0.1:40000", "192.168.7.1:40000"]), space) as net:
            device = space.remove("hub", "192.168.7.1/24")
            net.start()
            port = net.address("ServerA")[1]
            waits = net.cli("ServerA", "status", "--json").json()["not_listening"]
            self.assertEqual([("this node", f"192.168.7.1:{port}")], [(row["name"], row["listen"]) for row in waits])
            self.assertIn("can't listen at 192.168.7.1", net.cli("ServerA", "status").out)
            net.write("HOST2", "out/IN", 10)
            space.add("hub", "192.168.7.1/24", device)
            apps.wait_until(lambda: "not_listening" not in net.cli("ServerA", "status", "--json").json(), "it listens there")
            net.write("HOST1", "out/OUT", 10)
            result = net.cli("HOST1", "send", "OUT", "--wait")
            self.assertEqual(cli.DONE, result.code, str(result))


class Translated(unittest.TestCase):
    """Behind address translation: others dial an address and a port that the machine does not have."""

    def test_a_file_comes_over_a_translated_address(self):
        from hublink_harness.network import Network
        net_file = network(listen="192.168.7.1:40000")
        net_file["nodes"]["ServerA"]["address"] = "10.1.0.1:41000"
        net_file["nodes"]["HOST1"]["hosts"] = {"ServerA": "192.168.7.1:40000"}
        space = layout()
        self.addCleanup(space.close)
        with Network(net_file, space) as net:
            outer = net.address("ServerA")[1]
            rules = f"""add table ip nat
                add chain ip nat prerouting {{ type nat hook prerouting priority -100; }}
                add rule ip nat prerouting ip daddr 10.1.0.1 tcp dport {outer} dnat to 192.168.7.1:40000"""
            done = subprocess.run([*space.prefix("ServerA"), "nft", rules], capture_output=True, text=True,
                                  env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
            if done.returncode != 0:
                self.skipTest(f"this kernel has no nat: {done.stderr}")
            net.start()
            net.write("HOST2", "out/IN", 100_000)
            result = net.cli("HOST2", "send", "IN", "--wait")
            self.assertEqual(cli.DONE, result.code, str(result) + net.describe())


if __name__ == "__main__":
    unittest.main()
