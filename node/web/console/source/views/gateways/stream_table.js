/// Streams one by one, newest first.
import { html } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { bytes, count, duration } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { useAddress } from "../../base/address.js";
import { Table } from "../../parts/table.js";
import { toneOf } from "./gateway_tone.js";

const SHOWN = 200;

export function StreamTable({ streams }) {
  const { query } = useAddress();
  const find = (query.find ?? "").toLowerCase();
  const rows = streams.filter(one => `${one.node ?? ""} ${one.gateway} ${one.peer} ${one.from} ${one.to}`.toLowerCase().includes(find));
  return html`<details open=${rows.length > 0}><summary>${t("streams_counted", { count: count(rows.length) })}</summary><${Table}
    caption=${t("streams")} rows=${rows.slice(0, SHOWN)} keyOf=${one => `${one.node ?? ""} ${one.number}`} empty=${t("no_streams")} columns=${[
    ...(streams.some(one => one.node) ? [{ key: "server", text: t("at_server"), cell: one => one.node }] : []),
    { key: "gateway", text: t("gateway"), cell: one => one.gateway },
    { key: "from", text: t("from"), cell: one => html`<code>${one.from}</code>` },
    { key: "to", text: t("to"), cell: one => html`<code>${one.to}</code>` },
    { key: "peer", text: t("over"), cell: one => one.peer },
    {
      key: "state",
      text: t("state"),
      cell: one => html`<${State} tone=${toneOf(one.state)}>${named("stream", one.state)}</${State}>`,
    },
    { key: "bytes", text: t("there_and_back"), number: true, cell: one => `${bytes(one.bytes)} / ${bytes(one.bytes_back)}` },
    { key: "opened", text: t("open_for"), number: true, cell: one => duration(Date.now() - new Date(one.opened)) },
  ]} /></details>`;
}
