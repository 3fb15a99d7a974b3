#!/usr/bin/env bash
# A ring of four hubs: one of them is stopped in the middle of a transfer, which goes on the other way.
source "$(dirname "$0")/show.sh"
begin ring

say 'From West to East there are two ways. The one over North costs less:

               ┌── North ──┐
    HOST1 ── West         East ── HOST2
               └── South ──┘'

mkdir -p HOST1/out
head -c 40M /dev/urandom >HOST1/out/FILE01
say 'HOST1 sends 40 MB at 10 MB/s, and waits for nobody:'
show hublink send FILE01 --data HOST1
id=$(hublink transfers --json --data HOST1 | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["transfer"])')
until_it "a part of it is safe at HOST2" says '"safe": ?[1-9]' transfers --json --data HOST2
show hublink transfers --data HOST1

say 'Now North stops, in the middle of the file:'
printf '\n  $ kill (the process of North)\n'
stop_node North
until_it "HOST1 has its receipt" says FILE01 history --state done --data HOST1
cmp HOST1/out/FILE01 HOST2/in/FILE01

say 'HOST1 made another attempt by itself, and West asked South, since North does not answer. HOST2 had
written down how much was safe, and only the rest was sent again:'
hops "$id"
show hublink history --data HOST1
say 'The file was published once, and it is the same at both ends. The network stops now.'
