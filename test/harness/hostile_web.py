"""What attackers send to a node's HTTP: other origins and hosts, stolen and missing secrets, connections that say nothing, bodies and heads
without end, requests with two readings, paths with tricks. Links and transfers don't notice."""
import os
import resource
import socket
import ssl
import time

from hublink_harness import cli, web
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.topologies import three_hubs, transfer

API = "/api/v1/"
CONNECTIONS = 1500


def memory(pid):
    """Resident, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class HostileWeb(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    @classmethod
    def prepare(cls, net):
        cls.door = web.serve(net, "ServerA", hosts=["hub.example"])
        cls.client_door = web.serve(net, "HOST1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net.write("HOST1", "out/FILE01", 100_000)

    def tearDown(self):
        """It serves, and files go through it."""
        self.assertEqual(200, self.door.get(API + "openapi.json").status)
        self.send_and_wait("HOST1", "FILE01")

    def logged_in_browser(self):
        answer, who = self.door.log_in()
        self.assertEqual(200, answer.status, str(answer))
        return who

    def status_of(self, data, door=None):
        got = (door or self.door).raw(data)
        return int(got.split()[1]) if got else None


class Pages(HostileWeb):
    """Of other origins, in the browser of somebody who is logged in."""

    def test_another_host_is_not_answered(self):
        who = self.logged_in_browser()
        for host in ("evil.example", "evil.example:8443", "", "hub.example.evil.example", "0.0.0.0", "[::]", "169.254.169.254"):
            for path in ("/", API + "status", API + "openapi.json", API + "login"):
                self.assertEqual(421, who.get(path, Host=host).status, (host, path))
        self.assertEqual(200, who.get(API + "status", Host="hub.example", Origin=None).status)
        self.assertEqual(400, self.status_of(b"GET / HTTP/1.1\r\nHost: hub.example\r\nHost: evil.example\r\n\r\n"))
        self.assertEqual(421, self.status_of(b"GET / HTTP/1.1\r\n\r\n"))

    def test_another_origin_changes_and_sees_nothing(self):
        who = self.logged_in_browser()
        for origin in ("https://evil.example", "null", f"http://{who.authority}", f"https://{who.host}", f"https://{who.host}:1", "https://hub.example"):
            self.assertEqual(403, who.post(API + "rate", {"rate": 5000}, Origin=origin).status, origin)
            self.assertEqual(403, who.get(API + "status", Origin=origin).status, origin)
            self.assertEqual(403, who.post(API + "login", {"user": "op", "password": PASSWORD}, Origin=origin).status, origin)
        for site in ("cross-site", "same-site"):
            self.assertEqual(403, who.get(API + "status", Sec_Fetch_Site=site).status)
        answer = who.get(API + "status")
        self.assertFalse([name for name in answer.fields if name.lower().startswith("access-control")])
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
            self.assertEqual(415, who.ask("POST", API + "rate", b'{"rate": 5000}', Content_Type=kind or "").status)
        self.assertEqual(200, who.post(API + "logout").status)

    def test_a_stolen_cookie_is_worth_nothing_after_the_logout(self):
        who = self.logged_in_browser()
        thief = web.Door(who.host, who.port, dict(who.said))
        self.assertEqual(200, thief.get(API + "status").status)
        self.assertEqual(200, who.post(API + "logout").status)
        for answer in (thief.get(API + "status"), thief.post(API + "rate", {"rate": 5000}), thief.get(API + "account"), thief.get(API + "events")):
            self.assertEqual(401, answer.status)

    def test_a_cookie_that_is_two_is_none(self):
        who = self.logged_in_browser()
        cookie = who.said["Cookie"]
        self.assertEqual(401, who.get(API + "status", Cookie=f"__Host-hublink={'0' * 64}; {cookie}").status)
        self.assertEqual(401, who.get(API + "status", Cookie=cookie[:-1]).status)
        who.post(API + "logout")


class Bytes(HostileWeb):
    """Whatever they mean."""

    def test_a_request_has_one_reading(self):
        head = f"POST {API}send HTTP/1.1\r\nHost: {self.door.authority}\r\nContent-Type: application/json\r\n".encode()
        smuggled = f"GET {API}openapi.json HTTP/1.1\r\nHost: {self.door.authority}\r\n\r\n".encode()
        for name, data in {
            "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "two lengths": b"Content-Length: 0\r\nContent-Length: 50\r\n\r\n",
            "a coding in other letters": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "a coding behind a tab": b"Transfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n",
            "space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "a second line": b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "a signed length": b"Content-Length: +5\r\n\r\n",
            "hexadecimal": b"Content-Length: 0x5\r\n\r\n",
            "a carriage return": b"X-A: b\rTransfer-Encoding: chunked\r\n\r\n",
        }.items():
            with self.subTest(name):
                got = self.door.raw(head + data + smuggled)
                self.assertIn(got.split()[1], (b"400", b"501"), got)
                self.assertEqual(1, got.count(b"HTTP/1.1 "), got)  # what came behind it was no request

    def test_paths_lead_nowhere_else(self):
        secret = f"{self.net.data('ServerA')}/tokens"
        for path in (f"/../..{secret}", f"/..%2f..%2f{secret}", f"/%2e%2e/%2e%2e{secret}", f"/api/v1/../../..{secret}", f"/\\..\\{secret}", f"//{secret}",
                     f"file://{secret}", "/api/v1/%00", "/api/v1/status%00.html", "/api/v1/status/", "/api/v1//status", "/api/v1/./status",
                     "/api/v1/x/../status", "/%61pi/v1/status%2f", "/api/v1/status;a=b", "/api/v1/" + "a/" * 3000, "*", "/api/v1/%c0%ae%c0%ae/"):
            status = self.status_of(f"GET {path} HTTP/1.1\r\nHost: {self.door.authority}\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(status, (400, 404), path)
        for method in ("TRACE", "CONNECT", "PROPFIND", "DELETE", "X" * 100):
            status = self.status_of(f"{method} {API}status HTTP/1.1\r\nHost: {self.door.authority}\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(status, (400, 405), method)

    def test_heads_and_bodies_without_end_are_cut_off(self):
        before = memory(self.net.running["ServerA"].pid)
        host = f"Host: {self.door.authority}\r\n".encode()
        self.assertEqual(431, self.status_of(b"GET / HTTP/1.1\r\n" + host + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\n"))
        self.assertEqual(431, self.status_of(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n" + host + b"\r\n"))
        post = f"POST {API}login HTTP/1.1\r\n".encode() + host + b"Content-Type: application/json\r\n"
        self.assertEqual(413, self.status_of(post + b"Content-Length: 1000000000\r\n\r\n"))
        self.assertEqual(413, self.status_of(post + b"Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n"))
        with self.door.connect() as there:  # a gigabyte in chunks, as far as anybody takes it
            there.sendall(post + b"Transfer-Encoding: chunked\r\n\r\n")
            part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            sent = 0
            try:
                while sent < 1_000_000_000:
                    there.sendall(part)
                    sent += len(part)
            except OSError:
                pass
            self.assertLess(sent, 100_000_000)
        deep = b'{"topology":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        token = self.net.cli("ServerA", "tokens", "add", "deep", "--rights", "view").out.strip()
        self.addCleanup(self.net.cli, "ServerA", "tokens", "remove", "deep")
        self.assertEqual(400, self.door.with_token(token).post(API + "check", deep).status)
        self.assertEqual(413, self.door.with_token(token).post(API + "check", b"x" * ((4 << 20) + 1000)).status)
        self.assertLess(memory(self.net.running["ServerA"].pid) - before, 100_000)

    def test_noise_is_no_request(self):
        for data in (b"\x00" * 1000, os.urandom(4096), b"\r\n" * 5000, b"GET", b"SSH-2.0-x\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            self.status_of(data)
            with socket.create_connection((self.door.host, self.door.port), 5) as plain:  # without TLS
                plain.sendall(data)
        with self.assertRaises(ssl.SSLError):
            old = web.context()
            old.maximum_version = ssl.TLSVersion.TLSv1_1
            with socket.create_connection((self.door.host, self.door.port), 5) as plain:
                old.wrap_socket(plain)


class Many(HostileWeb):
    """Connections that hold something, and give nothing."""

    def test_slow_and_half_open_ones_hold_up_nobody(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        before = memory(self.net.running["ServerA"].pid)
        held = []
        self.addCleanup(lambda: [one.close() for one in held])
        for number in range(CONNECTIONS):
            one = socket.create_connection((self.door.host, self.door.port), 5)
            held.append(one)
            if number % 3 == 0:
                one.sendall(b"\x16\x03\x01")  # a handshake that begins
        for _ in range(20):
            slow = self.door.connect()
            slow.sendall(b"GET /api/v1/sta")
            held.append(slow)
        began = time.monotonic()
        self.assertEqual(200, self.door.get(API + "openapi.json").status)
        self.assertLess(time.monotonic() - began, 5)
        self.send_and_wait("HOST1", "FILE01")
        self.assertLess(memory(self.net.running["ServerA"].pid) - before, 150_000)
        descriptors = len(os.listdir(f"/proc/{self.net.running['ServerA'].pid}/fd"))
        self.assertLess(descriptors, 800)

    def test_readers_that_stall_keep_nothing(self):
        token = self.net.cli("HOST1", "tokens", "add", "many", "--rights", "view,transfer").out.strip()
        self.addCleanup(self.net.cli, "HOST1", "tokens", "remove", "many")
        who = self.client_door.with_token(token)
        readers = [web.Events(who) for _ in range(200)]
        self.addCleanup(lambda: [one.close() for one in readers])
        self.assertEqual({200}, {one.status for one in readers})
        before = memory(self.net.running["HOST1"].pid)
        for _ in range(5):
            self.send_and_wait("HOST1", "FILE01")
        last = self.send_and_wait("HOST1", "FILE01")
        for one in readers[::2]:  # the others don't read
            one.sock.settimeout(10)
            one.expect("sent", transfer=last)
        self.assertLess(memory(self.net.running["HOST1"].pid) - before, 60_000)

    def test_guesses_wait_and_others_do_not(self):
        began = time.monotonic()
        self.assertEqual(401, self.door.log_in("op", "a wrong one")[0].status)
        self.assertEqual(401, self.door.log_in("op", "a wrong one")[0].status)
        self.assertEqual(401, self.door.log_in("nobody", "a wrong one")[0].status)
        self.assertGreater(time.monotonic() - began, 0.2)
        self.expect_exit(cli.DONE, self.login())  # from a manager
        self.net.cli("MGR", "logout")
