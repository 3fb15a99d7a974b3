/// What is defined to be sent, and what stores keep for receivers.
import { html, useEffect, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { bytes, moment } from "../base/format.js";
import { useStore } from "../base/store.js";
import { refine, useAddress, writeAddress } from "../base/address.js";
import { network } from "../api/watch.js";
import { live } from "../api/live.js";
import { ask } from "../api/client.js";
import { may } from "../api/session.js";
import { ActionButton, useAction } from "../parts/action.js";
import { ProblemNote } from "../parts/problem_note.js";
import { Table } from "../parts/table.js";
import { useNetwork } from "./use_network.js";

function Defined({ topology, find }) {
  const rows = Object.entries(topology?.transfers ?? {})
    .map(([file, one]) => ({ file, ...one }))
    .filter(row => `${row.file} ${row.from} ${[row.to].flat().join(" ")}`.toLowerCase().includes(find.toLowerCase()));
  return html`<section class="card"><h2>${t("defined_files")}</h2><${Table} caption=${t("defined_files")} rows=${rows}
    keyOf=${row => row.file} empty=${t("no_files")} columns=${[
    { key: "file", text: t("file"), cell: row => html`<a href=${writeAddress(["send"], { file: row.file })}>${row.file}</a>` },
    { key: "ends", text: t("from_to"), cell: row => `${row.from} → ${[row.to].flat().join(", ")}` },
    { key: "placement", text: t("placement"), cell: row => t(`placement_${row.placement ?? "auto"}`) },
    {
      key: "way",
      text: t("way"),
      cell: row =>
        [...(row.via ?? []), row.broadcast_at && t("parts_at", { server: row.broadcast_at })].filter(Boolean).join(", ") || "–",
    },
    { key: "store", text: t("store"), cell: row => t(`store_${row.store ?? "never"}`) },
    {
      key: "done",
      text: t("history"),
      cell: row => html`<a href=${writeAddress(["transfers"], { file: row.file })}>${t("its_transfers")}</a>`,
    },
  ]} /></section>`;
}

function Stored({ servers }) {
  const { turn } = useStore(live);
  const [rows, put] = useState(null);
  const look = useAction(async () => {
    const answers = await Promise.all(
      servers.map(at =>
        ask("GET", "/stored", { query: { at } }).then(
          answer => (answer.stored ?? []).map(row => ({ ...row, at })),
          problem => [{ at, problem }],
        ),
      ),
    );
    put(answers.flat());
  });
  useEffect(() => {
    look.run();
  }, [servers.join(), Math.floor(turn / 8)]);
  const deliver = row => async () => {
    await ask("POST", "/deliver", { body: { transfer: row.transfer, at: row.at } });
    await look.run();
  };
  const kept = (rows ?? []).filter(row => !row.problem);
  return html`<section class="card stack"><h2>${t("stored")}</h2>
    ${(rows ?? []).filter(row => row.problem).map(row => html`<${ProblemNote} key=${row.at} problem=${row.problem} />`)}
    ${
      rows
        ? html`<${Table} caption=${t("stored")} rows=${kept} keyOf=${row => row.at + row.transfer} empty=${t("nothing_stored")}
          columns=${[
            {
              key: "file",
              text: t("file"),
              cell: row => html`<a href=${writeAddress(["transfers", row.transfer])}>${row.file}</a>`,
            },
            { key: "from", text: t("from"), cell: row => row.from },
            { key: "at", text: t("at_server"), cell: row => row.at },
            { key: "size", text: t("size"), number: true, cell: row => bytes(row.size) },
            { key: "waiting", text: t("waiting_for"), cell: row => row.waiting.join(", ") },
            { key: "until", text: t("until"), cell: row => moment(row.until, true) },
            {
              key: "deliver",
              text: t("actions"),
              cell: row =>
                may("transfer")
                  ? html`<${ActionButton} name=${`deliver-${row.transfer}`} step=${deliver(row)}>${t("deliver")}</${ActionButton}>`
                  : row.held_back
                    ? t("held_back")
                    : "",
            },
          ]} />`
        : html`<p class="muted">${t("loading")}</p>`
    }</section>`;
}

export function FilesView() {
  const { query } = useAddress();
  const topology = useStore(network, value => value.topology);
  const drawn = useNetwork();
  const servers = drawn.nodes.filter(node => node.role === "server" && node.status).map(node => node.name);
  return html`<div class="page"><header><h1>${t("place_files")}</h1><input type="search" aria-label=${t("find_file")}
    placeholder=${t("find_file")} value=${query.find ?? ""} onInput=${event => refine({ find: event.target.value })} /></header>
    <${Defined} topology=${topology} find=${query.find ?? ""} /><${Stored} servers=${servers} /></div>`;
}
