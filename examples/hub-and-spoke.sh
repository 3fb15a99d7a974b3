#!/usr/bin/env bash
# One file to five shops behind three hubs: once over each line between hubs, kept for the shop that is closed.
source "$(dirname "$0")/show.sh"
begin hub-and-spoke SHOP-E1

say 'A head office and three regions with shops. One shop, SHOP-E1, is closed:

                     ┌── North ── SHOP-N1, SHOP-N2
    HEAD ── Centre ──┼── South ── SHOP-S1, SHOP-S2
                     └── East ─── SHOP-E1 (closed)'

say 'PRICES goes to the group "shops". Where one stream becomes many is chosen by cost:'
show hublink plan NET.json PRICES

mkdir -p HEAD/out
head -c 4M /dev/urandom >HEAD/out/PRICES
say 'HEAD sends 4 MiB. The command ends when four shops have it, and the file for the fifth is safe
at Centre:'
show hublink send PRICES --wait --data HEAD
for shop in SHOP-N1 SHOP-N2 SHOP-S1 SHOP-S2; do cmp HEAD/out/PRICES $shop/in/PRICES; done

say 'Centre keeps it, sealed for SHOP-E1. It can not read it:'
show hublink stored --data Centre

id=$(hublink stored --json --data Centre | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["transfer"])')
say 'The shop opens. Centre asks again by itself, after 2 s, 4 s and so on up to 2 min. Here somebody tells
it to ask now; if it has just asked, there is nothing left to deliver. HEAD might be off by then:'
start_node SHOP-E1
show hublink deliver "$id" --data Centre || true
until_it "SHOP-E1 has the prices" cmp HEAD/out/PRICES SHOP-E1/in/PRICES
until_it "HEAD knows it" says PRICES history --state done --data HEAD
show hublink history --data HEAD
say 'All five shops have signed for it. The network stops now.'
