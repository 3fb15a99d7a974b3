"""Further programs by family: languages, fetchers, data bases, messages, files, screens. See programs.py."""
from bed import SOCKS, THERE

PYTHON = "/usr/bin/python3"  # which finds Debian's modules
WRAPPED = ("wrap", "strict")  # where the server names further ports, or answers from them

NAMES = ("http2", "maria", "ldap", "mqtt", "smb", "memcache", "ftp", "tftp", "iperf", "iperf3", "smtp", "svn", "hg", "zmq", "websocket", "ntp", "sip", "x11", "nats", "mosh", "vnc")
PORTS = {name: 9100 + i for i, name in enumerate(NAMES)} | {"x11": 6033, "vnc": 5935}

ASYNCIO = """import asyncio, sys
{more}
async def main():
    reading, writing = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    writing.write(b"x" * 1000000); writing.write_eof()
    print(len(await reading.read()))
asyncio.run(main())"""
NODE_DATAGRAM = """const s = require('dgram').createSocket('udp4'); s.on('message', m => { console.log(m.length); s.close() });
s.send(Buffer.alloc(1200), +process.argv[2], process.argv[1])"""
ERLANG = """[H, P] = init:get_plain_arguments(), {ok, S} = gen_tcp:connect(H, list_to_integer(P), [binary, {active, false}]),
ok = gen_tcp:send(S, binary:copy(<<"x">>, 100000)), {ok, D} = gen_tcp:recv(S, 100000), io:format("~p~n", [byte_size(D)]), halt()."""
JAVA = """import java.net.*; import java.net.http.*; import java.util.stream.*;
public class Gets {{ public static void main(String[] a) throws Exception {{
    var client = HttpClient.newHttpClient();
    var asked = IntStream.range(0, 20).mapToObj(i -> client.sendAsync(HttpRequest.newBuilder(URI.create("http://" + a[0] + ":{http}/big")).build(),
        HttpResponse.BodyHandlers.ofByteArray())).collect(Collectors.toList());
    long all = 0; for (var one : asked) all += one.get().body().length; System.out.println(all); }} }}"""
GUILE = """(use-modules (ice-9 rdelim)) (define s (socket PF_INET SOCK_STREAM 0))
(connect s AF_INET (inet-pton AF_INET (cadr (command-line))) (string->number (caddr (command-line))))
(display "hello\\n" s) (force-output s) (display (read-line s))"""
LUA = "s = assert(require('socket').connect(arg[1], arg[2])); s:send('hello\\n'); print(s:receive('*l'))"
ZMQ = """import sys, zmq
s = zmq.Context().socket(zmq.{kind})
{body}"""
WEBSOCKET = """import asyncio, sys, websockets
{body}"""


def languages(program, written, http, echo, web, echoes):
    url = f"http://{{host}}:{http}/big"
    at = ["{host}", "{port}"]
    asked = lambda name, *words: program(name, http, list(words), web)
    talks = lambda name, *words, udp=False: program(name, echo, [*words, *at], echoes, udp=udp)
    return [
        asked("Ruby (`Net::HTTP`)", "ruby", "-rnet/http", "-e", f"puts Net::HTTP.get(URI('{url}')).size"),
        talks("Ruby (`TCPSocket`)", "ruby", "-rsocket", "-e", "s = TCPSocket.new(*ARGV); s.puts 'hello'; puts s.gets"),
        talks("Ruby (`UDPSocket`)", "ruby", "-rsocket", "-e", "s = UDPSocket.new; s.connect(ARGV[0], ARGV[1].to_i); s.send('hello', 0); puts s.recv(100)", udp=True),
        talks("Perl (`IO::Socket`)", "perl", "-MIO::Socket::INET", "-e", "$s = IO::Socket::INET->new(\"$ARGV[0]:$ARGV[1]\") or die $!; print $s \"hello\\n\"; print scalar <$s>"),
        program("Erlang (`gen_tcp`)", echo, ["erl", "-noshell", "-noinput", "-eval", ERLANG, "-extra", *at], echoes),
        talks("Python (asyncio)", PYTHON, "-c", ASYNCIO.format(more="")),
        talks("Python (uvloop)", PYTHON, "-c", ASYNCIO.format(more="import uvloop; uvloop.install()")),
        asked("Python (aiohttp)", PYTHON, "-c", "import aiohttp, asyncio\nasync def main():\n  async with aiohttp.ClientSession() as s:\n    for n in await asyncio.gather(*(one(s) for _ in range(20))): print(n)\n"
              f"async def one(s):\n  async with s.get('{url}') as r: return len(await r.read())\nasyncio.run(main())"),
        asked("Node (`fetch`)", "node", "-e", f"Promise.all(Array.from({{length: 20}}, () => fetch('{url}').then(r => r.arrayBuffer()))).then(all => console.log(all.map(b => b.byteLength).join()))"),
        talks("Node (`net`)", "node", "-e", "const s = require('net').connect(+process.argv[2], process.argv[1], () => s.end('hello')); s.on('data', d => console.log(String(d)))"),
        talks("Node (`dgram`)", "node", "-e", NODE_DATAGRAM, udp=True),
        asked("Java (`HttpClient`, 20 at once)", "java", written("Gets.java", JAVA.format(http=http)), "{host}"),
        program("Lua (LuaSocket)", echo, ["lua5.4", written("echo.lua", LUA), *at], echoes),
        program("Guile", echo, ["guile", "--no-auto-compile", written("echo.scm", GUILE), *at], echoes),
        talks("gawk (`/inet`)", "gawk", "BEGIN { s = \"/inet/tcp/0/\" ARGV[1] \"/\" ARGV[2]; print \"hello\" |& s; s |& getline line; print line; exit }"),
        talks("zsh (`ztcp`)", "zsh", "-c", "zmodload zsh/net/tcp; ztcp $0 $1; fd=$REPLY; print -u $fd hello; read -u $fd line; print $line"),
        program("netcat", echo, ["sh", "-c", "echo hello | nc -N $0 $1", *at], echoes, ["sh", "-c", f"echo hello | nc -N -X 5 -x {SOCKS} $0 $1", *at]),
        program("netcat (UDP)", echo, ["sh", "-c", "echo hello | nc -u -W 1 $0 $1", *at], echoes, udp=True, needs=["nc"]),
        program("ncat", echo, ["sh", "-c", "echo hello | ncat $0 $1", *at], echoes, ["sh", "-c", f"echo hello | ncat --proxy {SOCKS} --proxy-type socks5 $0 $1", *at], needs=["ncat"]),
        program("socat", echo, ["sh", "-c", "head -c 1000000 /dev/zero | socat -t 10 - TCP:$0:$1 | md5sum", *at], echoes, needs=["socat"]),
        program("telnet", echo, ["sh", "-c", "(echo hello; sleep 1) | telnet $0 $1", *at], echoes, needs=["telnet"], hide=r"127\.2\.1\.1|10\.77\.0\.1"),
    ]


def fetchers(program, written, folder, http, web):
    url = f"http://{{host}}:{http}/big"
    asked = lambda name, *words, **more: program(name, http, list(words), web, **more)
    chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/chromium", "--dump-dom"]
    page = url.replace("/big", "/page.html")
    return [
        asked("curl (20 at once)", "curl", "-sS", "--noproxy", "*", "-Z", *([url, "-o", "/dev/null"] * 20), "-w", "%{size_download}\n", hide=r"(?m)^(?!3200000).*\n"),
        asked("HTTPie", "http", "--ignore-stdin", "--headers", url, hide=r"Date: .*"),
        asked("aria2", "aria2c", "-q", "-x", "8", "-s", "8", "-k", "1M", "--allow-overwrite=true", "-d", str(folder), "-o", "by-aria", url),
        asked("Lynx", "lynx", "-source", url), asked("w3m", "w3m", "-dump_source", url),
        program("Chromium", http, [*chromium, "--no-proxy-server", page], web, [*chromium, f"--proxy-server=socks5://{SOCKS}", page], hide=r"(?m)^.*(:ERROR:|:WARNING:|dbus).*\n"),
        asked("ab", "ab", "-q", "-n", "50", "-c", "20", url, hide=r"(?m)^(?!Complete|Failed).*\n"),
        asked("wrk", "wrk", "-t", "2", "-c", "20", "-d", "1", url, hide=r"(?s).*"),
        program("nghttp (HTTP/2)", PORTS["http2"], ["nghttp", f"http://{{host}}:{PORTS['http2']}/big"], ["nghttpd", "--no-tls", "-a", THERE, "-d", f"{folder}/www", str(PORTS["http2"])]),
        program("WebSocket (Python)", PORTS["websocket"], [PYTHON, "-c", WEBSOCKET.format(body="async def main():\n  async with websockets.connect(f'ws://{sys.argv[1]}:{sys.argv[2]}') as s:\n"
                "    await s.send('x' * 100000); print(len(await s.recv()))\nasyncio.run(main())"), "{host}", "{port}"],
                [PYTHON, written("websocket.py", WEBSOCKET.format(body="async def echo(s, path=None):\n  async for m in s: await s.send(m)\nasync def main():\n"
                 f"  async with websockets.serve(echo, '{THERE}', {PORTS['websocket']}): await asyncio.Future()\nasyncio.run(main())"))]),
    ]

SIP = f"""
import re, socket
own = socket.socket(type=socket.SOCK_DGRAM)
own.bind(("{THERE}", {PORTS['sip']}))
while True:
    asked, sender = own.recvfrom(9999)
    kept = re.findall(rb"(?mi)^((?:Via|From|To|Call-ID|CSeq|v|f|t|i):.*)\\r$", asked)
    own.sendto(b"\\r\\n".join([b"SIP/2.0 200 OK", *kept, b"Content-Length: 0", b"", b""]), sender)
"""


# Its client is its protocol.
NATS = r"""
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
lines = s.makefile("rb")
assert lines.readline().startswith(b"INFO ")
s.sendall(b'CONNECT {"verbose":false}\r\nSUB a 1\r\nPUB a 5\r\nhello\r\nPING\r\n')
print(sorted(lines.readline() for _ in range(3)))
"""


def data_bases(program, written, folder, postgres, postgres_server):
    mysql = ["mariadbd", "--no-defaults", f"--datadir={folder}/maria", f"--bind-address={THERE}", f"--port={PORTS['maria']}", f"--socket={folder}/maria/sock", "--user=mysql",
             "--skip-name-resolve", f"--init-file={written('maria.sql', 'create user if not exists u;' + chr(10) + 'grant all on *.* to u;' + chr(10))}"]
    slapd = written("slapd.conf", f"include /etc/ldap/schema/core.schema\npidfile {folder}/slapd.pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\n"
                    f"suffix \"dc=example\"\ndirectory {folder}/ldap\n")
    return [
        program("MariaDB's client", PORTS["maria"], ["mariadb", "--no-defaults", "-h", "{host}", "-P", "{port}", "-u", "u", "--skip-ssl", "-e", "select sum(seq) from mysql.seq_1_to_200000 union select 'done'"], mysql),
        program("mariadb-dump", PORTS["maria"], ["mariadb-dump", "--no-defaults", "-h", "{host}", "-P", "{port}", "-u", "u", "--skip-ssl", "--skip-dump-date", "mysql", "help_topic"], mysql, hide=r"-- Host: .*"),
        program("ldapsearch", PORTS["ldap"], ["ldapsearch", "-x", "-LLL", "-H", "ldap://{host}:{port}", "-s", "base", "-b", "", "namingContexts"],
                ["slapd", "-d", "0", "-f", slapd, "-h", f"ldap://{THERE}:{PORTS['ldap']}"]),
        program("pgbench", postgres, ["sh", "-c", "pgbench -q -i -s 1 -h $0 -p $1 -U postgres postgres >/dev/null 2>&1; pgbench -n -c 8 -t 20 -h $0 -p $1 -U postgres postgres | grep processed", "{host}", "{port}"],
                postgres_server, needs=["initdb"]),
        program("pg_dump", postgres, ["pg_dump", "-h", "{host}", "-p", "{port}", "-U", "postgres", "--schema-only", "-n", "public", "--strict-names", "template1"], postgres_server, needs=["initdb"], hide=r"\\(un)?restrict .*"),
        program("memccat", PORTS["memcache"], ["sh", "-c", f"memccp --servers=$0:$1 {folder}/batch && memccat --servers=$0:$1 batch", "{host}", "{port}"],
                ["memcached", "-l", THERE, "-p", str(PORTS["memcache"]), "-U", "0", "-u", "nobody"], needs=["memccp"]),
    ]


def messages(program, written, folder):
    mqtt = ["mosquitto", "-c", written("mosquitto.conf", f"listener {PORTS['mqtt']} {THERE}\nallow_anonymous true\n")]
    zmq = [PYTHON, written("zmq_server.py", ZMQ.format(kind="REP", body=f"s.bind('tcp://{THERE}:{PORTS['zmq']}')\nwhile True: s.send(s.recv())"))]
    smtp = [PYTHON, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"{THERE}:{PORTS['smtp']}"]
    return [
        program("mosquitto_pub, mosquitto_sub", PORTS["mqtt"], ["sh", "-c", "mosquitto_pub -h $0 -p $1 -t a -m hello -r -q 1 && mosquitto_sub -h $0 -p $1 -t a -C 1 -W 10", "{host}", "{port}"], mqtt,
                ["sh", "-c", f"mosquitto_pub --proxy socks5h://{SOCKS} -h $0 -p $1 -t a -m hello -r -q 1 && mosquitto_sub --proxy socks5h://{SOCKS} -h $0 -p $1 -t a -C 1 -W 10", "{host}", "{port}"],
                needs=["mosquitto_sub"]),
        program("NATS (Python)", PORTS["nats"], [PYTHON, "-c", NATS, "{host}", "{port}"], ["nats-server", "-a", THERE, "-p", str(PORTS["nats"])]),
        program("ZeroMQ (Python)", PORTS["zmq"], [PYTHON, "-c", ZMQ.format(kind="REQ", body="s.connect(f'tcp://{sys.argv[1]}:{sys.argv[2]}'); s.send(b'x' * 100000); print(len(s.recv()))"), "{host}", "{port}"], zmq),
        program("sipsak (SIP)", PORTS["sip"], ["sipsak", "-s", "sip:x@{host}:{port}"], [PYTHON, written("sip_server.py", SIP)], udp=True),
        program("swaks (SMTP)", PORTS["smtp"], ["swaks", "--server", "{host}", "--port", "{port}", "--from", "a@plant.example", "--to", "b@plant.example", "--helo", "x", "--silent", "2"], smtp),
        program("Python (smtplib)", PORTS["smtp"], [PYTHON, "-c", "import smtplib, sys; print(smtplib.SMTP(sys.argv[1], int(sys.argv[2])).sendmail('a@x.example', 'b@x.example', 'hello'))", "{host}", "{port}"], smtp),
        program("chronyd -Q (NTP)", PORTS["ntp"], ["chronyd", "-Q", "-t", "10", "server {host} port {port} iburst maxsamples 1", f"pidfile {folder}/chronyd-query.pid"],
                ["chronyd", "-x", "-d", "-u", "root", "local stratum 3", "allow all", f"port {PORTS['ntp']}", f"bindaddress {THERE}", "cmdport 0", "bindcmdaddress /", f"pidfile {folder}/chronyd.pid"], udp=True, hide=r"(?s).*"),
        program("iperf", PORTS["iperf"], ["iperf", "-c", "{host}", "-p", "{port}", "-n", "10M"], ["iperf", "-s", "-B", THERE, "-p", str(PORTS["iperf"])], hide=r"(?s).*"),
        program("iperf3 -R", PORTS["iperf3"], ["iperf3", "-R", "-c", "{host}", "-p", "{port}", "-n", "10M"], ["iperf3", "-s", "-B", THERE, "-p", str(PORTS["iperf3"])], hide=r"(?s).*"),
    ]


def files(program, written, folder, ssh, ssh_port, ssh_server, git, git_server, dns, dns_server, snmp, snmp_server, echo):
    smb = written("smb.conf", f"[global]\nserver role = standalone server\nmap to guest = bad user\nsmb ports = {PORTS['smb']}\ninterfaces = {THERE}\nbind interfaces only = yes\ndisable netbios = yes\n"
                  + "".join(f"{key} directory = {folder}/smb\n" for key in ("lock", "state", "cache", "pid", "private", "ncalrpc")) + f"[here]\npath = {folder}/www\nguest ok = yes\n")
    ftp = ["vsftpd", written("vsftpd.conf", f"listen=YES\nbackground=NO\nlisten_address={THERE}\nlisten_port={PORTS['ftp']}\nanonymous_enable=YES\nanon_root={folder}/www\nrun_as_launching_user=NO\n"
                             f"pasv_min_port=9200\npasv_max_port=9209\nseccomp_sandbox=NO\nsecure_chroot_dir={folder}/empty\nftp_username=daemon\n")]
    over_ssh = "ssh " + " ".join(ssh).replace("{port}", str(ssh_port))
    return [
        program("smbclient", PORTS["smb"], ["sh", "-c", f"smbclient -N -s {smb} -p $1 //$0/here -c 'get big {folder}/by-smb' >/dev/null 2>&1; echo $?; md5sum < {folder}/by-smb", "{host}", "{port}"], ["smbd", "-F", "--no-process-group", "-s", smb], needs=["smbclient"]),
        program("lftp (passive)", PORTS["ftp"], ["lftp", "-c", "set net:max-retries 2; open {host}:{port}; cat big"], ftp, ways=WRAPPED),
        program("curl (FTP, passive)", PORTS["ftp"], ["curl", "-sS", "--noproxy", "*", "ftp://{host}:{port}/big"], ftp, ["curl", "-sS", "--socks5", SOCKS, f"ftp://{THERE}:{PORTS['ftp']}/big"], ways=("socks", *WRAPPED)),
        program("tftp", PORTS["tftp"], ["tftp", "-m", "binary", "{host}", "{port}", "-c", "get", "batch", "/dev/stdout"], ["in.tftpd", "-L", "-a", f"{THERE}:{PORTS['tftp']}", "-s", str(folder)],
                udp=True, ways=("wrap",), options=("--replies-from", "host")),
        program("svn", PORTS["svn"], ["svn", "log", "svn://{host}:{port}/svn"], ["svnserve", "-d", "--foreground", "-r", str(folder), "--listen-host", THERE, "--listen-port", str(PORTS["svn"])]),
        program("Mercurial", PORTS["hg"], ["hg", "identify", "http://{host}:{port}/"], ["hg", "serve", "-R", f"{folder}/hg", "-a", THERE, "-p", str(PORTS["hg"])]),
        program("git clone", git, ["sh", "-c", f"rm -rf {folder}/clone; git clone -q git://$0:$1/repository {folder}/clone && git -C {folder}/clone log --format=%s", "{host}", "{port}"], git_server),
        program("scp", ssh_port, ["scp", "-q", "-P", "{port}", *ssh[:-2], f"{{host}}:{folder}/www/big", f"{folder}/by-scp"], ssh_server, needs=["ssh-keygen"]),
        program("ssh -W", ssh_port, ["sh", "-c", f"(echo hello; sleep 1) | {over_ssh} -W {THERE}:{echo} $0", "{host}"], ssh_server, needs=["ssh-keygen"]),
        program("ssh -L", ssh_port, ["sh", "-c", f"{over_ssh} -f -o ExitOnForwardFailure=yes -L 127.0.0.1:9301:{THERE}:{echo} $0 sleep 2 && (echo hello; sleep 1) | nc -N 127.0.0.1 9301; sleep 2", "{host}"], ssh_server, needs=["ssh-keygen", "nc"]),
        program("mosh", ssh_port, ["sh", "-c", f"script -qec \"mosh --predict=never -p {PORTS['mosh']} --ssh='{over_ssh}' $0 -- sh -c 'echo hello; sleep 1'\" /dev/null | grep -o hello | head -n 1", "{host}"],
                ssh_server, needs=["ssh-keygen", "mosh", "script"], ways=WRAPPED),
        program("vncsnapshot (VNC)", PORTS["vnc"], ["sh", "-c", f"vncsnapshot -quiet -allowblank -encodings raw $0:{PORTS['vnc'] - 5900} {folder}/by-vnc && md5sum < {folder}/by-vnc", "{host}"],
                ["Xtigervnc", ":35", "-rfbport", str(PORTS["vnc"]), "-SecurityTypes", "None", "-interface", THERE, "-geometry", "320x200", "-depth", "24"], needs=["vncsnapshot"]),
        program("rsync (ssh)", ssh_port, ["rsync", "-a", "-e", over_ssh, "{host}:" + f"{folder}/www/", f"{folder}/by-rsync"], ssh_server, needs=["ssh-keygen"]),
        program("host, nslookup", dns, ["sh", "-c", "host -t A -T -p $1 db.example $0 && nslookup -type=A -port=$1 db.example $0", "{host}", "{port}"], dns_server, udp=True, ways=WRAPPED, hide=r"127\.2\.1\.1|10\.77\.0\.1"),
        program("snmpbulkwalk", snmp, ["snmpbulkwalk", "-v2c", "-c", "public", "-Oqv", "{host}:{port}", ".1.3.6.1.2.1.1.9.1.3"], snmp_server, udp=True),
        program("xdpyinfo (X11)", PORTS["x11"], ["xdpyinfo", "-display", "{host}:33"], ["Xvfb", ":33", "-listen", "tcp", "-ac", "-screen", "0", "320x200x24"], ways=("redirect", *WRAPPED), hide=r"focus:.*|name of display:.*"),
    ]
