"""Links between nodes of this version and of earlier ones. What earlier ones said is recorded, frame by frame, in conversations/:
HOST1 asks ServerA for a transfer, a ping, a ping that fails, and for a beat."""
import json
import socket
import threading
from pathlib import Path

from hublink_harness import cbor, peer
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

CONVERSATIONS = Path(__file__).resolve().parent / "conversations"


def recorded(version):
    """(who, what) of each frame, in their order."""
    lines = (CONVERSATIONS / f"link-{version}.jsonl").read_text().splitlines()
    return [(entry["from"], bytes.fromhex(entry["frame"])) for entry in map(json.loads, lines)]


class OldLinks(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST2")

    def tearDown(self):
        if off := [name for name in ("ServerB", "HOST2") if name not in self.net.running]:
            self.net.start(*off)

    def expect_like(self, said, now):
        """The same kind of message with the same fields, or more; what is drawn or measured differs."""
        drawn = {"token", "path", "text", "incarnation", "newest"}
        self.assertLessEqual(set(said), set(now), f"{now} lacks what {said} has")
        for name in set(said) - drawn:
            self.assertEqual(said[name], now[name], f"{name} of {now}")
        self.assertEqual([hop for hop, _ in said.get("path", ())], [hop for hop, _ in now.get("path", ())])
        self.assertEqual(len(said.get("token", b"")), len(now.get("token", b"")))

    def replay_client(self, version):
        frames = recorded(version)
        with peer.tls(peer.connect(self.net.address("ServerA")), self.net.keys / "HOST1") as sock:
            sock.settimeout(20)
            link = peer.Link(sock, "HOST1", "client", greet=False)
            for who, frame in frames:
                said = cbor.decode(frame)
                if who == "HOST1":
                    if said.get("n") == 3:
                        self.net.stop("HOST2", "ServerB")
                    link.send_frame(frame)
                else:
                    self.expect_like(said, link.receive_kind(said["t"]))

    def test_a_server_answers_a_client_of_link_version_1_as_one_of_its_own_did(self):
        self.replay_client(1)

    def test_a_client_takes_what_a_server_of_link_version_1_said(self):
        frames = recorded(1)
        said = {cbor.decode(frame)["t"]: frame for who, frame in frames if who == "ServerA"}
        asked = [cbor.decode(frame) for who, frame in frames if who == "HOST1"]
        heard, done = [], threading.Event()
        with socket.create_server(("127.1.1.1", 0)) as door:
            def changed(own):
                own["nodes"]["ServerA"]["address"] = f"127.1.1.1:{door.getsockname()[1]}"
            self.net.differs_at("HOST1", changed)

            def serve():
                sock, _ = door.accept()
                link = peer.Link(peer.tls(sock, self.net.keys / "ServerA", True), "ServerA", "server", greet=False)
                link.send_frame(said["hello"])
                heard.append(link.receive_kind("hello"))
                heard.append(link.receive_kind("open"))
                link.send("failed", **{**cbor.decode(said["failed"]), "n": heard[-1]["n"], "t": "failed"})
                done.wait(20)
            threading.Thread(target=serve, daemon=True).start()
            self.net.start("HOST1")
            result = self.net.cli("HOST1", "ping", "HOST2")
            done.set()
            self.net.stop("HOST1")
        self.assertIn("(at ServerA)", result.err)
        self.assertEqual(4, result.code, str(result))
        hello, ping = heard
        self.assertLessEqual(hello["oldest"], 1)
        then = next(message for message in asked if message.get("kind") == "ping")
        self.assertLessEqual(set(then), set(ping))
        for name in ("kind", "attempt", "to"):
            self.assertEqual(then[name], ping[name])
