# Sourced by the benches.

# Runs the words as a command. With root: in a network namespace of its own, whose connections use CUBIC, as Debian's do. What a machine
# may have instead (BBR) paces each connection by timers, for a line that the loopback is not, and costs all contestants up to half as
# much CPU again.
on_loopback() {
  [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null || { "$@"; return; }
  unshare --net bash -euc '
    ip link set lo up
    for route in 127.0.0.0/8 127.0.0.1; do
      ip route replace local $route dev lo proto kernel scope host src 127.0.0.1 table local congctl cubic
    done
    exec "$@"' - "$@"
}
