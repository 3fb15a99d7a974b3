#!/usr/bin/env bash
# The smallest network: one hub that stands in two networks, and a client in each.
source "$(dirname "$0")/show.sh"
begin two-networks

say 'One machine with two addresses stands between two networks that do not route to each other:

    network 127.6.1.0/24                    network 127.6.2.0/24
    HOST1 ── 127.6.1.1 ═══ ServerA ═══ 127.6.2.1 ── HOST2'

say 'ServerA listens at both addresses. HOST2 sees it under the second one, and its definition says so in "hosts":'
show cat NET.json
show hublink status --data ServerA

mkdir -p HOST1/out
echo 'hello from the other side' >HOST1/out/FILE01
say 'HOST1 sends a file:'
show hublink send FILE01 --wait --data HOST1
show cat HOST2/in/FILE01
cmp HOST1/out/FILE01 HOST2/in/FILE01

say 'What ServerA wrote down of it. The file itself it has never seen in the clear:'
show hublink events --data ServerA
say 'The network stops now.'
