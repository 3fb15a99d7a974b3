#!/usr/bin/env bash
# Two sites, a hub and a client in each: a file goes one way, and another one is fetched the other way.
source "$(dirname "$0")/show.sh"
begin two-sites

say 'A plant and an office, each a network of its own. Only their two hubs reach each other:

    plant                          office
    MACHINE ── HubPlant ══════════ HubOffice ── ARCHIVE'

say 'The topology says that MACHINE sends a file SHIFT to ARCHIVE. Which way, before anything is sent:'
show hublink plan NET.json SHIFT

mkdir -p MACHINE/out ARCHIVE/out
seq 100000 >MACHINE/out/shift.csv
say 'MACHINE sends it. The command ends with 0 when ARCHIVE has the whole file and has signed for it:'
show hublink send SHIFT --wait --data MACHINE
cmp MACHINE/out/shift.csv ARCHIVE/in/shift.csv

say 'Each hop knew the next one alone. This is what the four nodes wrote down:'
hops "$(hublink history --json --data MACHINE | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["transfer"])')"

echo 'boil 20 minutes' >ARCHIVE/out/RECIPE
say 'Now MACHINE wants something from ARCHIVE. It needs no account there: the topology has the file RECIPE:'
show hublink request RECIPE --wait --data MACHINE
show cat MACHINE/in/RECIPE
cmp ARCHIVE/out/RECIPE MACHINE/in/RECIPE

say 'Both files are where they belong. The network stops now.'
