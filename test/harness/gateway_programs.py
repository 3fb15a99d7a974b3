"""Real programs through two gateways with zero, one and two hubs between: static listeners, `wrap`, SOCKS5."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from hublink_harness import apps, cli
from hublink_harness.network import die_with_parent

from gateways import Gateways, address, gateway, network, pair, ports

TCP = ("postgres", "redis", "nginx", "sshd", "rsync", "iperf3", "dns_tcp")
PLACES = (("near", "Server2"), ("one", "Server3"), ("two", "Server4"))


def programs_network():
    """Each server program once, behind Server4; the nearer gateways deliver to the same addresses."""
    home = "127.2.4.50"
    deliver = {name: f"{home}:{ports.take()}" for name in TCP}
    deliver["dns_udp"] = deliver["dns_tcp"]
    deliver["iperf3_udp"] = deliver["iperf3"]
    deliver["snmp"], deliver["trap"] = f"{home}:{ports.take()}", f"{home}:{ports.take()}"
    gateways = {}
    for place, called in PLACES:
        for name, where in deliver.items():
            udp = name in ("dns_udp", "iperf3_udp", "snmp", "trap")
            more = {"reply_timeout_s": 0 if name == "trap" else 5} if udp else {}
            listen = gateways[f"iperf3-{place}"]["listen"] if name == "iperf3_udp" else address("127.2.1.1")
            gateways[f"{name}-{place}"] = gateway("Server1", called, listen=listen, deliver=where, protocol="udp" if udp else "tcp", **more)
    topology = network(4, gateways)
    topology["nodes"]["Server1"]["proxy"]["socks"] = address("127.2.1.1")
    topology["nodes"]["Server4"]["proxy"]["allow"] = [f"{home}:1-65535"]
    return topology


class Programs(Gateways):
    topology = programs_network()

    @classmethod
    def prepare(cls, net):
        folder = tempfile.TemporaryDirectory(prefix="hublink-programs.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.folder.chmod(0o755)

    # -- help -------------------------------------------------------------------------------------------------

    def need(self, *programs):
        for program in programs:
            if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
                self.skipTest(f"{program} is not installed")

    def start(self, *command, port=None, udp=False, **options):
        """A server program until the test ends; waits until its port answers."""
        log = (self.folder / f"{Path(command[0]).name}.log").open("w+")
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   preexec_fn=die_with_parent, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}, **options)

        def stop():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self.addCleanup(stop)

        def up():
            assert process.poll() is None, f"{command[0]} ended: {Path(log.name).read_text()}"
            if udp:
                return f":{port:04X} " in Path("/proc/net/udp").read_text()
            try:
                socket.create_connection(("127.2.4.50", port), 1).close()
                return True
            except OSError:
                return False

        if port:
            apps.wait_until(up, f"{command[0]} serves")
        return process

    def run_program(self, *command, deadline=60, codes=(0,), **options):
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline, **options)
        self.assertIn(done.returncode, codes, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def run_wrapped(self, *command, **options):
        door = self.net.topology["nodes"]["Server1"]["proxy"]["socks"]
        return self.run_program(cli.executable(), "wrap", "--gateway", door, "--only", "127.2.4.0/24", "--", *command, **options)

    def home(self, name):
        return self.of(f"{name}-two", "deliver")

    def each_place(self, name):
        for place, _ in PLACES:
            yield place, self.of(f"{name}-{place}", "listen")

    # -- databases ---------------------------------------------------------------------------------------------

    def test_postgresql(self):
        tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not tools:
            self.skipTest("PostgreSQL is not installed")
        data, (ip, port) = self.folder / "pg", self.home("postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        data.mkdir()
        if as_user:
            shutil.chown(data, "postgres", "postgres")
        self.run_program(*as_user, tools[-1] / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", cwd="/tmp")
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 127.0.0.0/8 trust\n")
        self.start(*as_user, tools[-1] / "postgres", "-D", data, "-h", ip, "-p", str(port), "-k", "", "-F", port=port, cwd="/tmp")
        # It listens before it has started up.
        apps.wait_until(lambda: subprocess.run([tools[-1] / "pg_isready", "-q", "-h", ip, "-p", str(port)]).returncode == 0, "PostgreSQL is ready")
        bench = tools[-1] / "pgbench"
        self.run_program(bench, "-i", "-q", "-h", ip, "-p", port, "-U", "postgres", "postgres", cwd="/tmp")
        for place, (host, listen) in self.each_place("postgres"):
            with self.subTest(place=place):
                words = ("-h", host, "-p", listen, "-U", "postgres")
                self.assertEqual("6\n", self.run_program("psql", *words, "-Atc", "select 1+2+3"))
                out = self.run_program(bench, *words, "-c", "20", "-j", "2", "-t", "20", "postgres", cwd="/tmp")
                self.assertIn("number of transactions actually processed: 400/400", out)
        self.assertEqual("42\n", self.run_wrapped("psql", "-h", ip, "-p", port, "-U", "postgres", "-Atc", "select 42"))

    def test_redis(self):
        self.need("redis-server", "redis-benchmark", "redis-cli")
        ip, port = self.home("redis")
        self.start("redis-server", "--bind", ip, "--port", port, "--save", "", "--protected-mode", "no", port=port)
        for place, (host, listen) in self.each_place("redis"):
            with self.subTest(place=place):
                out = self.run_program("redis-benchmark", "-h", host, "-p", listen, "-c", "50", "-n", "5000", "-t", "ping,set,get", "--csv")
                self.assertIn('"GET"', out)
        self.assertEqual("PONG\n", self.run_wrapped("redis-cli", "-h", ip, "-p", port, "ping"))

    # -- the web -----------------------------------------------------------------------------------------------

    def test_nginx_with_curl_wrk_and_proxychains(self):
        self.need("nginx", "curl", "wrk", "proxychains4")
        ip, port = self.home("nginx")
        root = self.folder / "www"
        root.mkdir()
        content = os.urandom(5_000_000)
        (root / "big").write_bytes(content)
        (root / "small").write_text("hello")
        root.chmod(0o755)
        config = self.folder / "nginx.conf"
        config.write_text(f"""daemon off; pid {self.folder}/nginx.pid; error_log stderr; worker_processes 1;
            events {{ worker_connections 512; }}
            http {{ access_log off; client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2; fastcgi_temp_path {self.folder}/t3;
                    uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5; server {{ listen {ip}:{port}; root {root}; }} }}""")
        self.start("nginx", "-c", config, "-e", "stderr", port=port)
        for place, (host, listen) in self.each_place("nginx"):
            with self.subTest(place=place):
                got = self.folder / "got"
                self.run_program("curl", "-s", "--noproxy", "*", "-o", got, f"http://{host}:{listen}/big")
                self.assertEqual(content, got.read_bytes())
                out = self.run_program("wrk", "-t1", "-c50", "-d1s", f"http://{host}:{listen}/small")
                self.assertNotIn("Socket errors", out)
                self.assertGreater(int(re.search(r"(\d+) requests in", out)[1]), 100)
        url = f"http://{ip}:{port}/small"
        self.assertEqual("hello", self.run_wrapped("curl", "-s", "--noproxy", "*", url))
        door = self.net.topology["nodes"]["Server1"]["proxy"]["socks"]
        self.assertEqual("hello", self.run_program("curl", "-s", "--noproxy", "", "--socks5", door, url))
        chains = self.folder / "chains.conf"
        chains.write_text("quiet_mode\n[ProxyList]\nsocks5 {} {}\n".format(*pair(door)))
        self.assertEqual("hello", self.run_program("proxychains4", "-q", "-f", chains, "curl", "-s", "--noproxy", "*", url))

    # -- files and shells --------------------------------------------------------------------------------------

    def test_openssh(self):
        self.need("sshd", "ssh", "scp", "ssh-keygen")
        ip, port = self.home("sshd")
        keys = self.folder / "ssh"
        keys.mkdir(mode=0o700)
        for name in ("host", "user"):
            self.run_program("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name)
        shutil.copy(keys / "user.pub", keys / "authorized")
        Path("/run/sshd").mkdir(exist_ok=True)
        config = keys / "sshd_config"
        config.write_text(f"ListenAddress {ip}:{port}\nHostKey {keys}/host\nAuthorizedKeysFile {keys}/authorized\nPidFile none\nStrictModes no\n"
                          f"UsePAM no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n")
        self.start(shutil.which("sshd", path="/usr/sbin:/usr/bin"), "-D", "-e", "-f", config, port=port)
        options = ("-i", keys / "user", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={keys}/known", "-o", "BatchMode=yes", "-F", "none")
        big = self.folder / "big"
        size = int(os.environ.get("HUBLINK_SCP_MIB", "64"))
        self.run_program("dd", "if=/dev/urandom", f"of={big}", "bs=1M", f"count={size}")
        for place, (host, listen) in self.each_place("sshd"):
            with self.subTest(place=place):
                self.assertEqual("hello\n", self.run_program("ssh", *options, "-p", listen, host, "echo hello"))
                self.assertIn("tty", self.run_program("ssh", *options, "-tt", "-p", listen, host, "test -t 0 && echo a tty"))
                copy = self.folder / f"copy-{place}"
                self.run_program("scp", *options, "-P", listen, big, f"{host}:{copy}")
                self.run_program("cmp", big, copy)
                copy.unlink()
        self.assertEqual("wrapped\n", self.run_wrapped("ssh", *options, "-p", port, ip, "echo wrapped"))

    def test_rsync(self):
        self.need("rsync")
        ip, port = self.home("rsync")
        there, config = self.folder / "there", self.folder / "rsyncd.conf"
        there.mkdir()
        config.write_text(f"use chroot = no\n[here]\npath = {there}\nread only = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n")
        self.start("rsync", "--daemon", "--no-detach", f"--address={ip}", f"--port={port}", f"--config={config}", port=port)
        source = self.folder / "source"
        source.mkdir()
        for i in range(200):
            (source / f"file{i}").write_bytes(os.urandom(1 + i * 100))
        for place, (host, listen) in self.each_place("rsync"):
            with self.subTest(place=place):
                self.run_program("rsync", "-a", f"{source}/", f"rsync://{host}:{listen}/here/{place}/")
                self.run_program("diff", "-r", source, there / place)

    # -- datagrams ---------------------------------------------------------------------------------------------

    def test_dns(self):
        self.need("dnsmasq", "dig")
        ip, port = self.home("dns_tcp")
        self.start("dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", f"--listen-address={ip}", f"--port={port}",
                   "--address=/db.example/10.2.0.7", "--pid-file=", "--user=root" if os.getuid() == 0 else "--user=", port=port)
        for place, _ in PLACES:
            for name, words in (("dns_udp", ["+notcp"]), ("dns_tcp", ["+tcp"])):
                with self.subTest(place=place, by=name):
                    host, listen = self.of(f"{name}-{place}", "listen")
                    self.assertEqual("10.2.0.7\n", self.run_program("dig", f"@{host}", "-p", listen, "+short", *words, "db.example"))
        for words in (["+notcp"], ["+tcp"]):
            self.assertEqual("10.2.0.7\n", self.run_wrapped("dig", f"@{ip}", "-p", port, "+short", *words, "db.example"))

    def test_snmp_get_and_trap(self):
        self.need("snmpd", "snmpget", "snmptrap")
        ip, port = self.home("snmp")
        config = self.folder / "snmpd.conf"
        config.write_text('rocommunity public\nsysName hublink-test\n')
        self.start("snmpd", "-f", "-Lo", "-C", "-c", config, "-p", self.folder / "snmpd.pid", f"udp:{ip}:{port}", port=port, udp=True)
        trap = apps.UdpServer(lambda data, sender, own: None, self.home("trap"))
        self.servers.append(trap)
        for count, (place, _) in enumerate(PLACES, 1):
            with self.subTest(place=place):
                host, listen = self.of(f"snmp-{place}", "listen")
                out = self.run_program("snmpget", "-v2c", "-c", "public", "-Ov", f"{host}:{listen}", ".1.3.6.1.2.1.1.5.0")
                self.assertIn("hublink-test", out)
                host, listen = self.of(f"trap-{place}", "listen")
                self.run_program("snmptrap", "-v2c", "-c", "public", f"{host}:{listen}", "", ".1.3.6.1.6.3.1.1.5.1")
                apps.wait_until(lambda: len(trap.seen) == count, "the trap came")

    def measure(self, host, port, *words):
        """iperf3's report; nothing while its server still ends the run before, and says so or resets: that is exit 0 up to
        version 3.12, and 1 later."""
        out = json.loads(self.run_program("iperf3", "-c", host, "-p", port, "-t", "1", "-J", *words, codes=(0, 1)))
        wrong = out.get("error", "")
        self.assertTrue(not wrong or "busy" in wrong or "reset" in wrong, wrong)
        return None if wrong else out

    def test_iperf3_both_ways_and_udp(self):
        self.need("iperf3")
        ip, port = self.home("iperf3")
        self.start("iperf3", "-s", "-B", ip, "-p", port, port=port)
        for place, (host, listen) in self.each_place("iperf3"):
            udp = ["-u", "-b", "2M", "-l", "1400"]  # what a busy machine still carries without a loss
            for words in ([], ["-R"], ["-P", "4"], udp, [*udp, "-R"]):
                with self.subTest(place=place, words=words):
                    out = apps.wait_until(lambda: self.measure(host, listen, *words), "a free iperf3 server")
                    end = out["end"]
                    if "-u" in words:
                        self.assertGreater(end["sum"]["packets"], 100)
                        self.assertLess(end["sum"]["lost_percent"], 5)
                    else:
                        self.assertGreater(end["sum_received"]["bytes"], 1_000_000)
