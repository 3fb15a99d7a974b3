#!/usr/bin/env bash
# A database behind three hubs, for programs that know nothing of hublink: by a listener, and under hublink wrap.
source "$(dirname "$0")/show.sh"
begin database

say 'A program on the left, a database on the right, and three hubs between them:

    program ── ServerA ══════ ServerC ══════ ServerB ── database 127.7.2.50:5432
               calling gateway               called gateway'

cp "$here/examples/database.py" .
exec {served}< <(exec python3 -B database.py serve 127.7.2.50 5432 5433 5434)
database=$!
trap 'kill "$database"; stop_network; rm -rf "$dir"' EXIT
read -r -u "$served" _
until_it "the gateways have their link" says '"state": *"up"' gateways --json --data ServerA

say 'The gateway "db" listens at 127.7.1.1:15432. A program that is told this address gets the database:'
show python3 database.py ask 127.7.1.1 15432 'select 1'

say 'A program that keeps the address of its database runs under hublink wrap. Here it asks port 5433,
which ServerB has in its "allow":'
show hublink wrap --gateway 127.7.1.1:1080 --only 127.7.2.50 -- python3 database.py ask 127.7.2.50 5433 'select 2'

say 'The port 5434 is not allowed, so ServerB refuses. The program sees an error of its own, as without gateways:'
printf '\n  $ hublink wrap --gateway 127.7.1.1:1080 --only 127.7.2.50 -- python3 database.py ask 127.7.2.50 5434 "select 3"\n'
if hublink wrap --gateway 127.7.1.1:1080 --only 127.7.2.50 -- python3 database.py ask 127.7.2.50 5434 'select 3' >refused 2>&1; then
  echo 'that should have been refused' >&2
  exit 1
fi
sed 's/^/  /' refused

say 'What the gateways carried, and what they refused. ServerC in the middle saw bytes of TLS:'
show hublink streams --closed --data ServerB
show hublink gateways --data ServerB
say 'The network stops now.'
