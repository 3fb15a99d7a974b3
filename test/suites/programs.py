"""Runs programs against their servers directly and by every way in that fits, and compares what they print.  programs.py [PROGRAM...]

A row a program; a cell is `same`, or what differs. Servers and clients are those of Debian; what is not installed is said. Exits with 1
where a difference has no reason in REASONS."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bed
import program_families as families

from bed import SOCKS, THERE, WRAP

WAYS = ("listen", "socks", "redirect", "wrap", "strict")
SECONDS = 60

# (program, way): why what it prints differs.
REASONS = {}


class Program:
    """`client`: words with {host} and {port}; `socks`: those by SOCKS, if it can; `hide`: what differs each time anyway; `ways`: all that fit;
    `options`: of `hublink wrap`; `code`: with which it ends."""

    def __init__(self, name, port, client, server=None, socks=None, udp=False, hide=None, needs=(), ways=WAYS, options=(), code=0):
        self.name, self.port, self.client, self.server, self.socks, self.udp, self.hide = name, port, client, server, socks, udp, hide
        self.needs, self.ways, self.options, self.code = (*needs, client[0], *([server[0]] if server else [])), ways, options, code

    def missing(self):
        return [word for word in self.needs if not shutil.which(word, path=PATH)]


PATH = os.environ["PATH"] + ":/usr/sbin:/sbin:" + ":".join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))))
bed.go_inside()
folder = Path(tempfile.mkdtemp(prefix="hublink-programs."))
folder.chmod(0o755)


def written(name, text, mode=0o644):
    (folder / name).write_text(text)
    (folder / name).chmod(mode)
    return str(folder / name)


def python_server(name, body):
    return ["python3", written(f"{name}.py", body)]


PORTS = {name: 9000 + i for i, name in enumerate(("http", "postgres", "redis", "ssh", "rsync", "git", "dns", "snmp", "echo", "tls"))}


def programs():
    http, tls, echo = PORTS["http"], PORTS["tls"], PORTS["echo"]
    url, asked = f"http://{{host}}:{http}/big", "-sS --noproxy * --max-time 30".split()
    (folder / "www").mkdir()
    (folder / "www" / "page.html").write_text("<title>x</title><p>hello<script>document.write(new Date(0).getTime())</script>")
    (folder / "www" / "big").write_bytes(b"0123456789abcdef" * 200_000)
    web = ["nginx", "-e", "stderr", "-c", written("nginx.conf", f"""daemon off; pid {folder}/nginx.pid; error_log stderr; user root; worker_processes 1;
        events {{ worker_connections 512; }} http {{ access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
        uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; server {{ listen {THERE}:{http}; root {folder}/www; }} }}""")]
    echoes = python_server("echo", f"""
import socket, threading
def udp():
    own = socket.socket(type=socket.SOCK_DGRAM); own.bind(("{THERE}", {echo}))
    while True:
        data, sender = own.recvfrom(70000); own.sendto(data, sender)
threading.Thread(target=udp, daemon=True).start()
listener = socket.create_server(("{THERE}", {echo}))
def serve(one):
    with one:
        while part := one.recv(65536): one.sendall(part)
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
""")
    key = f"{folder}/tls.pem"
    keys = folder / "ssh"
    keys.mkdir(mode=0o700)
    ssh = ["-i", f"{keys}/user", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={keys}/known-{{way}}", "-o", "LogLevel=ERROR", "-p", "{port}"]
    ssh_server, git_server, dns_server, snmp_server, postgres_server = (
        ["/usr/sbin/sshd", "-D", "-e", "-f", f"{keys}/sshd_config"],
        ["git", "daemon", "--reuseaddr", f"--listen={THERE}", f"--port={PORTS['git']}", "--export-all", f"--base-path={folder}"],
        ["dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", f"--listen-address={THERE}", f"--port={PORTS['dns']}", "--address=/db.example/10.2.0.7", "--pid-file=", "--user=root"],
        ["snmpd", "-f", "-Lo", "-C", "-c", written("snmpd.conf", "rocommunity public\nsysName hublink\n"), "-p", f"{folder}/snmpd.pid", f"udp:{THERE}:{PORTS['snmp']}"],
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "postgres", "-D", f"{folder}/pg", "-h", THERE, "-p", str(PORTS["postgres"]), "-k", "", "-F"])
    asked_there = "head -c 3000000 /dev/zero | md5sum; exit 3"
    lines = "import socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2]))); s.sendall(b'x'*1000000); s.shutdown(1); print(len(b''.join(iter(lambda: s.recv(65536), b''))))"
    return [
        Program("curl", http, ["curl", *asked, url], web, ["curl", *asked[:1], "--max-time", "30", "--socks5", SOCKS, url], hide=None),
        Program("curl (name by SOCKS)", http, ["curl", *asked, url], web, ["curl", "-sS", "--max-time", "30", "--socks5-hostname", SOCKS, url]),
        Program("wget", http, ["wget", "-q", "-O", "-", "--no-proxy", url], web),
        Program("PHP stream", http, ["php", "-r", f"echo md5(file_get_contents('{url}'));"], web),
        Program("PHP curl", http, ["php", "-r", f"$c = curl_init('{url}'); curl_setopt_array($c, [CURLOPT_PROXY => '', CURLOPT_RETURNTRANSFER => 1]); echo md5(curl_exec($c));"], web,
                ["php", "-r", f"$c = curl_init('{url}'); curl_setopt_array($c, [CURLOPT_PROXY => 'socks5://{SOCKS}', CURLOPT_RETURNTRANSFER => 1]); echo md5(curl_exec($c));"]),
        Program("Perl LWP", http, ["perl", "-MHTTP::Tiny", "-e", f"print length HTTP::Tiny->new->get('{url}')->{{content}}"], web),
        Program("Node", http, ["node", "-e", f"require('http').get('{url}', r => {{ let n = 0; r.on('data', d => n += d.length); r.on('end', () => console.log(n)) }})"], web),
        Program("Python urllib", http, ["python3", "-c", f"import urllib.request as u; print(len(u.build_opener(u.ProxyHandler({{}})).open('{url}').read()))"], web),
        Program("Java", http, ["java", written("Get.java", f"""import java.net.*; public class Get {{ public static void main(String[] a) throws Exception {{
            System.out.println(new URL("http://" + a[0] + ":{http}/big").openStream().readAllBytes().length); }} }}"""), "{host}"], web,
                ["java", "-DsocksProxyHost=127.2.1.1", "-DsocksProxyPort=1080", f"{folder}/Get.java", THERE]),
        Program("psql", PORTS["postgres"], ["psql", "-h", "{host}", "-p", "{port}", "-U", "postgres", "-Atc", "select sum(i) from generate_series(1, 200000) i"],
                postgres_server, needs=["initdb"]),
        Program("redis-cli", PORTS["redis"], ["redis-cli", "-h", "{host}", "-p", "{port}", "ping"],
                ["redis-server", "--bind", THERE, "--port", str(PORTS["redis"]), "--save", "", "--protected-mode", "no"]),
        Program("redis-benchmark", PORTS["redis"], ["redis-benchmark", "-q", "-h", "{host}", "-p", "{port}", "-n", "2000", "-t", "set,get"],
                ["redis-server", "--bind", THERE, "--port", str(PORTS["redis"]), "--save", "", "--protected-mode", "no"], hide=r"[\d.]+ requests.*|.*\r"),
        Program("ssh", PORTS["ssh"], ["ssh", *ssh, "{host}", asked_there], ssh_server, ["ssh", *ssh, "-o", f"ProxyCommand=nc -X 5 -x {SOCKS} %h %p", "{host}", asked_there],
                needs=["ssh-keygen", "nc"], code=3),
        Program("sftp", PORTS["ssh"], ["sftp", "-q", "-P", "{port}", *ssh[:-2], "-b", written("batch", f"get {folder}/www/big {folder}/got\n"), "{host}"], ssh_server, needs=["ssh-keygen"]),
        Program("rsync", PORTS["rsync"], ["rsync", "-a", "--port={port}", "--list-only", "rsync://{host}/here/"],
                ["rsync", "--daemon", "--no-detach", f"--address={THERE}", f"--port={PORTS['rsync']}", f"--config={written('rsyncd.conf', f'use chroot = no' + chr(10) + '[here]' + chr(10) + f'path = {folder}/www' + chr(10))}"]),
        Program("git", PORTS["git"], ["git", "ls-remote", "git://{host}:{port}/repository"],
                git_server),
        Program("dig (UDP)", PORTS["dns"], ["dig", "@{host}", "-p", "{port}", "+short", "+notcp", "db.example"], dns_server, udp=True),
        Program("dig (TCP)", PORTS["dns"], ["dig", "@{host}", "-p", "{port}", "+short", "+tcp", "db.example"], dns_server),
        Program("snmpget", PORTS["snmp"], ["snmpget", "-v2c", "-c", "public", "-Ov", "{host}:{port}", ".1.3.6.1.2.1.1.5.0"],
                snmp_server, udp=True),
        Program("Python socket", echo, ["python3", "-c", lines, "{host}", "{port}"], echoes),
        Program("Python datagrams", echo, ["python3", "-c", "import socket,sys; s=socket.socket(type=2); s.settimeout(9); s.connect((sys.argv[1],int(sys.argv[2]))); s.send(b'x'*1400); print(len(s.recv(9999)))", "{host}", "{port}"], echoes, udp=True),
        Program("Tcl", echo, ["tclsh", written("echo.tcl", "set s [socket [lindex $argv 0] [lindex $argv 1]]\nfconfigure $s -buffering line\nputs $s hello\nputs [gets $s]\n"), "{host}", "{port}"], echoes),
        Program("bash /dev/tcp", echo, ["bash", "-c", "exec 3<>/dev/tcp/$0/$1; echo hello >&3; head -n 1 <&3", "{host}", "{port}"], echoes),
        Program("openssl s_client", tls, ["sh", "-c", "echo Q | openssl s_client -quiet -connect $0:$1 2>/dev/null; echo $?", "{host}", "{port}"],
                ["openssl", "s_server", "-quiet", "-accept", f"{THERE}:{tls}", "-cert", key, "-key", key]),
        *families.languages(Program, written, http, echo, web, echoes), *families.fetchers(Program, written, folder, http, web),
        *families.data_bases(Program, written, folder, PORTS["postgres"], postgres_server), *families.messages(Program, written, folder),
        *families.files(Program, written, folder, ssh, PORTS["ssh"], ssh_server, PORTS["git"], git_server, PORTS["dns"], dns_server, PORTS["snmp"], snmp_server, echo),
    ]


def prepare():
    """What servers find."""
    run = lambda *words, **options: subprocess.run(words, check=True, capture_output=True, env={**os.environ, "PATH": PATH}, **options)
    if shutil.which("initdb", path=PATH):
        (folder / "pg").mkdir()
        shutil.chown(folder / "pg", "postgres", "postgres")
        run("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "initdb", "-D", str(folder / "pg"), "-A", "trust", "-U", "postgres", "--no-sync", cwd="/tmp")
        with (folder / "pg" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 trust\n")
    if shutil.which("ssh-keygen"):
        keys = folder / "ssh"
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name))
        shutil.copy(keys / "user.pub", keys / "authorized")
        Path("/run/sshd").mkdir(exist_ok=True)
        (keys / "sshd_config").write_text(f"ListenAddress {THERE}:{PORTS['ssh']}\nHostKey {keys}/host\nAuthorizedKeysFile {keys}/authorized\nPidFile none\n"
                                          "StrictModes no\nUsePAM no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n")
    run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x", "-keyout", str(folder / "key"), "-out", str(folder / "cert"))
    (folder / "tls.pem").write_text((folder / "key").read_text() + (folder / "cert").read_text())
    for name in ("ldap", "empty", "smb"):
        (folder / name).mkdir()
    if shutil.which("mariadb-install-db"):
        run("mariadb-install-db", "--no-defaults", f"--datadir={folder}/maria", "--user=mysql", "--skip-test-db", "--auth-root-authentication-method=normal")
    if shutil.which("svnadmin"):
        run("svnadmin", "create", str(folder / "svn"))
    if shutil.which("hg"):
        run("hg", "init", str(folder / "hg"))
    if shutil.which("git"):
        run("git", "init", "-q", str(folder / "repository"))
        run("git", "-C", str(folder / "repository"), "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "x")


def has_datagrams(port):
    """As the kernel lists it: an address is a number of this machine's byte order."""
    there = f"{int.from_bytes(socket.inet_aton(THERE), sys.byteorder):08X}:{port:04X}", f"{0:08X}:{port:04X}", f"{0:032X}:{port:04X}"
    return any(line.split()[1] in there for table in ("udp", "udp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])


def answers(program):
    """Does its server take connections, or datagrams?"""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if has_datagrams(program.port) if program.udp else probe.connect_ex((THERE, program.port)) == 0:
                return True
        time.sleep(0.05)
    return False


def outcome(program, words, way):
    """What it prints and how it ends, in one text."""
    words = [word.replace("{port}", str(program.port)).replace("{host}", "127.2.1.1" if way == "listen" else THERE).replace("{way}", way) for word in words]
    try:
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, cwd="/tmp", env={**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"})
    except subprocess.TimeoutExpired:
        return f"not done in {SECONDS} s"
    text = (done.stdout + done.stderr).decode(errors="replace")
    return f"exit {done.returncode}\n" + re.sub(program.hide, "", text) if program.hide else f"exit {done.returncode}\n{text}"


def by(program, way):
    """Nothing: it does not fit."""
    if way not in program.ways:
        return None
    wrapped = [*WRAP, "--only", f"{THERE}/32", *program.options]
    if way == "listen":
        return outcome(program, program.client, way)
    if way == "socks":
        return outcome(program, program.socks, way) if program.socks else None
    if way == "redirect":
        if program.udp:
            return None
        bed.redirect([program.port])
        try:
            return outcome(program, program.client, way)
        finally:
            bed.no_redirect()
    return outcome(program, [*wrapped, *(["--strict"] if way == "strict" else []), "--", *program.client], way)


def short(text):
    code, _, rest = text.partition("\n")
    return f"{code}: {' '.join(rest.split())[:60]}".replace("|", "/")


def main():
    chosen = sys.argv[1:]
    all_programs = [program for program in programs() if not chosen or any(word in program.name for word in chosen)]
    prepare()
    unexplained, running = 0, {}
    listened = {udp: sorted({p.port for p in all_programs if p.udp == udp and "listen" in p.ways}) for udp in (False, True)}
    net = bed.network(listened[False], listened[True], [f"{THERE}:1-65535"])
    try:
        net.start()
        print("| program | " + " | ".join(WAYS) + " |\n|---|" + "---|" * len(WAYS), flush=True)
        for program in all_programs:
            if missing := program.missing():
                print(f"| {program.name} | not installed: {', '.join(missing)} |", flush=True)
                continue
            if tuple(program.server) not in running:
                running[tuple(program.server)] = subprocess.Popen(program.server, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp",
                                                                  start_new_session=True, env={**os.environ, "PATH": PATH})
            if not answers(program):
                print(f"| {program.name} | its server did not begin |", flush=True)
                unexplained += 1
                continue
            directly = outcome(program, program.client, "direct")
            if not directly.startswith(f"exit {program.code}\n"):
                print(f"| {program.name} | it fails directly: {short(directly)} |", flush=True)
                unexplained += 1
                continue
            cells = []
            for way in WAYS:
                got = by(program, way)
                reason = REASONS.get((program.name, way))
                unexplained += got not in (None, directly) and not reason
                cells.append("–" if got is None else "same" if got == directly else reason or f"{short(got)} (directly {short(directly)})")
            print(f"| {program.name} | " + " | ".join(cells) + " |", flush=True)
    finally:
        for server in running.values():
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        net.close()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(unexplained > 0)


if __name__ == "__main__":
    main()
