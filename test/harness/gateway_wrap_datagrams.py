"""Datagrams and look-ups under `hublink wrap` as they are directly: descriptors of a socket, servers, other protocols than UDP, names."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from pathlib import Path

from hublink_harness import apps, cli
from hublink_harness.apps import wait_until

from gateway_wrap import HERE, Wrapped, wrap_network
from gateways import ports

PORT, SERVER = (ports.take() for _ in range(2))
FORBIDDEN = 1023

# Who sends says what the server answered, which is whom it took it for: the same one, or another one.
DESCRIPTORS = """
import os, socket, sys
there = (sys.argv[1], int(sys.argv[2]))

def fresh(connected):
    one = socket.socket(type=socket.SOCK_DGRAM)
    one.settimeout(5)
    if connected: one.connect(there)
    return one

def said(one, connected):
    one.send(b"who") if connected else one.sendto(b"who", there)
    data, sender = one.recvfrom(100)
    return data, sender == there, one.getpeername() == there if connected else None

def by_dup(one):
    other = socket.socket(fileno=os.dup(one.fileno())); other.settimeout(5)
    one.close()
    return other

def by_dup2(one):
    other = fresh(True)
    os.dup2(one.fileno(), other.fileno())
    one.close()
    return other

def by_passing(one):
    here, gone = socket.socketpair()
    socket.send_fds(here, [b"x"], [one.fileno()])
    one.close()
    other = socket.socket(fileno=socket.recv_fds(gone, 1, 1)[1][0]); other.settimeout(5)
    return other

def by_child(one):
    if os.fork() == 0: one.close(); os._exit(0)
    os.wait()
    return one

def by_strangers(one):
    os.closerange(one.fileno() + 1, 4096)
    for number in range(one.fileno() + 1, 200):
        try: os.close(number)
        except OSError: pass
    return one

def by_system_call(one):
    import ctypes
    assert ctypes.CDLL(None).syscall(436, one.fileno() + 1, 4096, 0) == 0  # close_range: the library does not see it
    return one

def by_vfork(one):
    import subprocess
    subprocess.run(["true"], close_fds=True)
    return one

def by_parents_end(one):
    reading, writing = os.pipe()
    sys.stdout.flush()
    if os.fork():
        one.close(); os.close(writing)
        while said_by_child := os.read(reading, 9999): os.write(1, said_by_child)
        os._exit(0)
    os.close(reading)
    os.dup2(writing, 1)
    return one

for connected in (True, False):
    for how in (by_dup, by_dup2, by_passing, by_child, by_strangers, by_vfork, by_system_call):
        one = fresh(connected)
        first = said(one, connected)
        other = how(one)
        second = said(other, connected)
        # What a stranger closed is made anew: another port, so the server takes it for another client.
        print(how.__name__, connected, first[1:], second == first if how != by_system_call else second[1:])
        other.close()
number = len(os.listdir("/proc/self/fd"))
for _ in range(20):
    one = fresh(True); said(one, True)
    null = os.open("/dev/null", 0); os.dup2(null, one.fileno()); os.close(null); one.close()
    one = fresh(True); said(one, True)
    os.closerange(one.fileno(), one.fileno() + 1); one.detach()
print("left:", len(os.listdir("/proc/self/fd")) - number)
one = fresh(True)
first = said(one, True)
other = by_parents_end(one)
print(first[1:], said(other, True) == first)
"""

# One socket, more destinations than the program may have descriptors: in turn, from threads at once, in a child of `fork`.
DESTINATIONS = """
import os, resource, socket, sys, threading
there = [(sys.argv[1], int(port)) for port in sys.argv[2:]]
one = socket.socket(type=socket.SOCK_DGRAM)
one.bind(("", 0)); one.settimeout(5)
resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
parts = [there[at::5] for at in range(5)]

def ask(some):
    for where in some: one.sendto(b"%d" % where[1], where)

def answers(some):
    seen = []
    for _ in some: data, sender = one.recvfrom(100); seen.append((data == b"%d" % sender[1], sender))
    return sorted(seen) == [(True, where) for where in sorted(some)]

ask(parts[0]); print(answers(parts[0]))
threads = [threading.Thread(target=ask, args=(part,)) for part in (parts[1][::2], parts[1][1::2], parts[2])]
for one_thread in threads: one_thread.start()
for one_thread in threads: one_thread.join()
print(answers(parts[1] + parts[2]), flush=True)
child = os.fork()
if child == 0:
    ask(parts[3] + parts[0]); print(answers(parts[3] + parts[0]), flush=True)
    os._exit(0)
os.waitpid(child, 0)
ask(parts[4] + parts[1]); print(answers(parts[4] + parts[1]))
print(len(os.listdir("/proc/self/fd")) - 1 < 8)
one.close()
print(len(os.listdir("/proc/self/fd")) - 1)
"""

SERVE = """
import os, socket, sys
served = socket.socket(type=socket.SOCK_DGRAM)
served.bind(("127.2.1.8", int(sys.argv[1]))); served.settimeout(10)
print("ready", flush=True)
for how in ("sendto", "sendmsg", "other socket", "connected"):
    data, client = served.recvfrom(100)
    if how == "sendto": served.sendto(b"1" + data, client)
    elif how == "sendmsg": served.sendmsg([b"2", data], [], 0, client)
    elif how == "other socket": socket.socket(type=socket.SOCK_DGRAM).sendto(b"3" + data, client)
    else:
        served.connect(client); served.send(b"4" + data); print(served.getpeername() == client)
"""

PROTOCOLS = """
import socket, sys
def told(kind, protocol, what):
    try: one = socket.socket(socket.AF_INET, kind, protocol)
    except OSError: return "none"
    one.settimeout(5)
    try: return what(one)
    except OSError as error: return repr(error)
def lite(one):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE)
    server.bind((sys.argv[1], 0)); server.settimeout(5)
    one.sendto(b"hi", server.getsockname())
    data, sender = server.recvfrom(10)
    server.sendto(b"ho", sender)
    return data, one.recvfrom(10)[0], one.getsockname()[0]
def ping(one):
    one.sendto(b"\\10\\0\\0\\0\\0\\1\\0\\1hello", (sys.argv[1], 0))
    return one.recv(100)[8:], one.getsockname()[0]
print(told(socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE, lite))
print(told(socket.SOCK_DGRAM, socket.IPPROTO_ICMP, ping))
"""

LOOKUPS = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
int main(int count, char** words) {
  const char* name = words[1];
  struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = 0;
  printf("%d ", getaddrinfo(name, "80", &hints, &found));
  printf("%s\n", found->ai_canonname);
  char host[256] = "", service[32] = "", small[2];
  printf("%d ", getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, service, sizeof service, NI_NUMERICSERV));
  printf("%s %s %d\n", host, service, getnameinfo(found->ai_addr, found->ai_addrlen, small, sizeof small, 0, 0, 0) == EAI_OVERFLOW);
  struct in_addr address = ((struct sockaddr_in*)found->ai_addr)->sin_addr;
  freeaddrinfo(found);
  struct hostent into, *entry = gethostbyname(name);
  char room[1024];
  int why;
  printf("%s ", entry->h_name);
  printf("%s ", gethostbyname2(name, AF_INET)->h_name);
  printf("%s ", gethostbyaddr(&address, sizeof address, AF_INET)->h_name);
  gethostbyname_r(name, &into, room, sizeof room, &entry, &why);
  printf("%s ", entry->h_name);
  gethostbyname2_r(name, AF_INET, &into, room, sizeof room, &entry, &why);
  printf("%s ", entry->h_name);
  gethostbyaddr_r(&address, sizeof address, AF_INET, &into, room, sizeof room, &entry, &why);
  printf("%s\n", entry->h_name);
  struct gaicb one = {.ar_name = name, .ar_request = &hints}, *all[] = {&one};
  printf("%d ", getaddrinfo_a(GAI_WAIT, all, 1, 0));
  printf("%d %s ", gai_error(&one), one.ar_result->ai_canonname);
  struct gaicb two = {.ar_name = name, .ar_request = &hints}, *both[] = {&two};
  printf("%d ", getaddrinfo_a(GAI_NOWAIT, both, 1, 0));
  while (gai_error(&two) == EAI_INPROGRESS) gai_suspend((const struct gaicb* const*)both, 1, 0);
  printf("%d %s\n", gai_error(&two), two.ar_result->ai_canonname);
}
"""


class Datagrams(Wrapped):
    topology = wrap_network([f"{HERE}:1024-65535"])  # also whoever replies from another port: else nothing goes to him

    def directly(self, script, *words):
        done = subprocess.run([sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, timeout=30)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def names(self, server):
        """Answers each with a number of its own."""
        seen = {}
        return apps.UdpServer(lambda data, sender, own: own.sendto(b"%d" % seen.setdefault(sender, len(seen)), sender), server)

    def test_what_becomes_of_a_socket_with_more_than_one_descriptor(self):
        self.servers.append(self.names((HERE, PORT)))
        self.assertEqual(self.directly(DESCRIPTORS, HERE, PORT), self.python(DESCRIPTORS, HERE, PORT))

    def test_more_destinations_than_descriptors(self):
        there = [ports.take() for _ in range(50)]
        self.servers += [apps.UdpServer(lambda data, sender, own: own.sendto(data, sender), (HERE, port)) for port in there]
        self.assertEqual(self.directly(DESTINATIONS, HERE, *there), self.python(DESTINATIONS, HERE, *there))

    def test_a_server_answers_who_wrote_to_it(self):
        for wrapped in (False, True):
            script = textwrap.dedent(SERVE)
            words = [sys.executable, "-c", script, str(SERVER)]
            if wrapped:
                words = [cli.executable(), "wrap", "--gateway", self.door(), "--only", f"{HERE}/32", "--", *words]
            with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
                self.assertEqual("ready\n", server.stdout.readline())
                self.assertEqual("client: 1q True 2q True 3q False 4q True\n", self.directly("""if True:
                    import socket, sys
                    print("client:", end="")
                    for _ in range(4):
                        one = socket.socket(type=socket.SOCK_DGRAM)
                        one.bind((sys.argv[1], 0)); one.settimeout(10)
                        one.sendto(b"q", ("127.2.1.8", int(sys.argv[2])))
                        data, sender = one.recvfrom(100)
                        print(end=f" {data.decode()} {sender == ('127.2.1.8', int(sys.argv[2]))}")
                    print()
                    """, HERE, SERVER))
                self.assertEqual("True\n", server.stdout.readline())

    def test_who_replies_from_another_port(self):
        def answer(data, sender, _):
            other = socket.socket(type=socket.SOCK_DGRAM)
            other.bind((HERE, 0))
            other.settimeout(apps.DEADLINE)
            other.sendto(b"%d" % other.getsockname()[1], sender)
            other.sendto(b"again " + other.recvfrom(100)[0], sender)
            other.close()

        self.servers.append(apps.UdpServer(answer, (HERE, PORT)))
        script = """if True:
            import socket, sys
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(10)
            one.sendto(b"who", (sys.argv[1], int(sys.argv[2])))
            data, sender = one.recvfrom(100)
            one.sendto(b"more", sender)
            print(sender == (sys.argv[1], int(data)), one.recvfrom(100) == (b"again more", sender))
            # What the gateway says of repliers comes among its answers to the questions for further ports.
            here = [(sys.argv[1], int(port)) for port in sys.argv[2:]]
            for where in here: one.sendto(b"who", where)
            told, again = set(), 0
            while len(told) + again < 2 * len(here):
                data, sender = one.recvfrom(100)
                if data == b"again more":
                    again += (sender[0], sender[1]) in told
                else:
                    told.add((sender[0], int(data)))
                    one.sendto(b"more", sender)
            print({ip for ip, _ in told}, len(told), again)
        """
        there = [PORT, *(ports.take() for _ in range(10))]
        self.servers += [apps.UdpServer(answer, (HERE, port)) for port in there[1:]]
        self.assertEqual(self.directly(script, HERE, *there), self.python(script, HERE, *there, more=("--replies-from", "host")))

    def test_a_server_that_goes_on_sending_after_one_request(self):
        def stream(data, sender, own):
            for number in range(12):
                own.sendto(b"%d" % number, sender)
                self.pause.wait(0.2)

        self.pause = threading.Event()
        self.servers.append(apps.UdpServer(stream, (HERE, PORT)))
        script = """if True:
            import socket, sys
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(5)
            one.connect((sys.argv[1], int(sys.argv[2])))
            one.send(b"go")
            print([int(one.recv(9)) for _ in range(12)])
        """
        self.assertEqual(self.directly(script, HERE, PORT), self.python(script, HERE, PORT, more=("--reply-timeout", "1", "--replies-extend")))

    def test_other_protocols_are_not_taken_for_udp(self):
        self.assertEqual(self.directly(PROTOCOLS, HERE), self.python(PROTOCOLS, HERE))

    @unittest.skipUnless(os.geteuid() == 0, "a node that may not send ICMP lets the system say so, a datagram later")
    def test_datagrams_that_the_called_side_refuses_are_an_error(self):
        script = """if True:
            import errno, socket, sys
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(5)
            one.connect((sys.argv[1], int(sys.argv[2])))
            for _ in range(3):
                one.send(b"x")
                try: print(one.recv(10))
                except OSError as error: print(errno.errorcode.get(error.errno, "silence"))
        """
        directly = self.directly(script, HERE, PORT)  # where nobody is
        self.assertEqual("ECONNREFUSED\n" * 3, directly)
        before = self.gateways("Server3")["refused"].get("not-allowed", 0)
        self.assertEqual(directly, self.python(script, HERE, FORBIDDEN))
        self.assertEqual(before + 3, self.gateways("Server3")["refused"]["not-allowed"])

    @unittest.skipUnless(os.geteuid() == 0, "a node that may not send ICMP lets the system say so, a datagram later")
    def test_datagrams_for_which_there_is_no_gateway_are_an_error(self):
        script = """if True:
            import errno, socket, sys
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(20)
            try: one.connect((sys.argv[1], int(sys.argv[2]))); one.send(b"x"); print(one.recv(10))
            except OSError as error: print(errno.errorcode.get(error.errno, "silence"))
        """
        self.assertEqual("ENETUNREACH\n", self.python(script, HERE, PORT, gateway=f"127.2.1.1:{SERVER}"))  # where nobody is
        self.servers.append(self.names((HERE, PORT)))
        self.net.stop("Server3")
        try:
            self.assertEqual("ECONNREFUSED\n", self.python(script, HERE, PORT))
        finally:
            self.net.start("Server3")
        wait_until(lambda: self.python(script, HERE, PORT).startswith("b'"), "it is heard again")

    def test_datagrams_to_a_name_that_is_looked_up_there_are_an_error(self):
        self.assertEqual("EHOSTUNREACH\nEHOSTUNREACH\n", self.python("""
            import errno, socket, sys
            where = (socket.gethostbyname("db.plant.example"), 53)
            one = socket.socket(type=socket.SOCK_DGRAM)
            for what in (lambda: one.sendto(b"x", where), lambda: one.connect(where)):
                try: what()
                except OSError as error: print(errno.errorcode[error.errno])
            """, names=("*.plant.example",)))

    @unittest.skipUnless(shutil.which("cc"), "no C compiler")
    def test_a_name_that_is_looked_up_there_stays_itself(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = Path(folder.name, "lookups")
        subprocess.run(["cc", "-w", "-o", program, "-xc", "-"], input=LOOKUPS, text=True, check=True)
        for name in ("db.plant.example", "localhost"):
            done = self.wrapped(program, name, names=("*.plant.example", "localhost"))
            self.assertEqual(f"0 {name}\n0 {name} 80 1\n" + " ".join([name] * 6) + f"\n0 0 {name} 0 0 {name}\n", done.stdout, done.stderr)

    def test_no_childs_environment_has_the_password(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        user = Path(folder.name, "user.txt")
        for text in ("anna:geheim\n", "anna:geheim\r\n"):
            user.write_bytes(text.encode())
            done = subprocess.run([cli.executable(), "wrap", "--gateway", self.door(), "--user-file", user, "--", "sh", "-c", "env; env"],
                                  capture_output=True, text=True, timeout=30)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertNotIn("geheim", done.stdout)
