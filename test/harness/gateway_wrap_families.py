"""`hublink wrap` where a program's socket and the gateway are of two families: what a bound address leaves possible."""
from hublink_harness import apps

from gateway_wrap import Wrapped, wrap_network
from gateways import address, ports

PORT = ports.take()

# Both families of the destination, each bound and not, in each way of asking.
EACH_WAY = """
    import errno, select, socket, sys
    port = int(sys.argv[1])

    def by_connect(one, there):
        one.settimeout(10)
        one.connect(there)
        one.sendall(b"hello")
        return one.recv(100)

    def by_waiting(one, there):
        one.setblocking(False)
        error = one.connect_ex(there)
        if error == errno.EINPROGRESS:
            assert select.select([], [one], [], 10)[1], "nothing is said of it"
            error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error: raise OSError(error, "")
        one.setblocking(True)
        one.sendall(b"hello")
        return one.recv(100)

    def by_sendto(one, there):
        one.settimeout(10)
        one.sendto(b"hello", there)
        data, sender = one.recvfrom(100)
        assert sender[:2] == there, sender
        return data

    for ip, family in (("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET)):
        for bound in (False, True):
            for how, kind in ((by_connect, socket.SOCK_STREAM), (by_waiting, socket.SOCK_STREAM),
                              (by_connect, socket.SOCK_DGRAM), (by_sendto, socket.SOCK_DGRAM)):
                with socket.socket(family, kind) as one:
                    if bound: one.bind((ip, 0))
                    try: said = how(one, (ip, port)).decode()
                    except OSError as error: said = errno.errorcode[error.errno]
                print(ip, "bound" if bound else "free", said)
"""


class Families(Wrapped):
    def expect_each(self, **said):
        """`said` of the sockets by family and bound or free, each in four ways."""
        for ip in ("::1", "127.0.0.1"):
            self.at(ip, PORT)
            server = apps.UdpServer(lambda data, sender, one: one.sendto(data, sender), (ip, PORT))
            self.servers.append(server)
        rows = [f"{ip} {state} {said[f'{family}_{state}']}" for ip, family in (("::1", "v6"), ("127.0.0.1", "v4"))
                for state in ("free", "bound")]
        done = self.python(EACH_WAY, PORT, only=("::1/128", "127.0.0.1/32"), deadline=120)
        self.assertEqual([row for row in rows for _ in range(4)], done.splitlines())


class GatewayOfIPv4(Families):
    """The kernel sends nothing of IPv4 from a socket that is bound to an IPv6 address, and never takes that address back."""

    topology = wrap_network([f"[::1]:{PORT}", f"127.0.0.1:{PORT}"])

    def test_a_socket_bound_to_an_ipv6_address_can_not_reach_it(self):
        self.expect_each(v6_free="hello", v6_bound="ENETUNREACH", v4_free="hello", v4_bound="hello")


class GatewayOfIPv6(Families):
    topology = wrap_network([f"[::1]:{PORT}", f"127.0.0.1:{PORT}"])
    topology["nodes"]["Server1"]["proxy"]["socks"] = address("[::1]")

    def test_it_is_the_way_out_for_ipv6_and_none_for_ipv4(self):
        self.expect_each(v6_free="hello", v6_bound="hello", v4_free="EAFNOSUPPORT", v4_bound="EAFNOSUPPORT")
