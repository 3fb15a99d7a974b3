#!/usr/bin/env bash
# Five hubs in a row: a file goes through all of them, and one that is led back and forth.
source "$(dirname "$0")/show.sh"
begin chain-of-five

say 'Five hubs, of which each knows its neighbours alone:

    HOST1 ── Server1 ══ Server2 ══ Server3 ══ Server4 ══ Server5 ── HOST2'

say 'Is the way there, and how long does each hop take? A ping sends nothing:'
show hublink ping HOST2 --data HOST1

mkdir -p HOST1/out
seq 10000 | tee HOST1/out/FILE01 >HOST1/out/FILE02
say 'FILE01 goes the way that the hubs find. Each is told the file ID and where it shall go, and asks the
next one:'
id=$(hublink send FILE01 --wait --data HOST1 2>/dev/null)
hops "${id%%[[:space:]]*}"
cmp HOST1/out/FILE01 HOST2/in/FILE01

say 'The definition of FILE02 prescribes "via": ["Server4", "Server2"]: to Server4, back to Server2, and
then on to HOST2:'
id=$(hublink send FILE02 --wait --data HOST1 2>/dev/null)
hops "${id%%[[:space:]]*}"
cmp HOST1/out/FILE02 HOST2/in/FILE02

say 'Both arrived, sealed from HOST1 to HOST2. The network stops now.'
