/// Gateways and streams: at a manager of the whole network, at a server its own.
import { html, useEffect, useRef, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { refine, useAddress } from "../base/address.js";
import { linkRows } from "../model/gateways.js";
import { network } from "../api/watch.js";
import { addSample } from "../api/samples.js";
import { ask } from "../api/client.js";
import { isManager, session } from "../api/session.js";
import { ProblemNote } from "../parts/problem_note.js";
import { ALL_LINKS, NetworkGateways, sampleOfLink } from "./gateways/network_gateways.js";
import { ServerGateways } from "./gateways/server_gateways.js";

const MOST_STREAMS = 1000; // of each server

async function ofServer(node) {
  const [{ gateways }, { streams = [] }] = await Promise.all([ask("GET", "/gateways"), ask("GET", "/streams")]);
  const total = (gateways.links ?? []).reduce((sum, link) => sum + link.bytes_out + link.bytes_in, 0);
  addSample(`gateway ${node}`, Date.now() / 1000, total);
  return { node, gateways, streams };
}

async function ofNetwork() {
  const [{ servers = [], missing = [] }, { streams = [] }] = await Promise.all([
    ask("GET", "/gateways"),
    ask("GET", "/streams", { query: { limit: MOST_STREAMS } }),
  ]);
  const now = Date.now() / 1000;
  const links = linkRows(servers);
  for (const link of links) addSample(sampleOfLink(link.key), now, link.out + link.back);
  addSample(ALL_LINKS, now, links.reduce((sum, link) => sum + link.out + link.back, 0));
  return { servers, streams, missing };
}

/// Asked for with every look at the network, one after another.
function useGateways(node) {
  const at = useStore(network, value => value.at);
  const [row, put] = useState(null);
  const asking = useRef(false);
  useEffect(() => {
    if (asking.current) return undefined;
    asking.current = true;
    (isManager() ? ofNetwork() : ofServer(node))
      .then(put, problem => put({ node, problem }))
      .finally(() => {
        asking.current = false;
      });
    return undefined;
  }, [at, node]);
  return row;
}

export function GatewaysView() {
  const { query } = useAddress();
  const account = useStore(session, value => value.account);
  const row = useGateways(account.node);
  return html`<div class="page"><header><h1>${t("place_gateways")}</h1><input type="search" aria-label=${t("find_stream")}
    placeholder=${t("find_stream")} value=${query.find ?? ""} onInput=${event => refine({ find: event.target.value })} /></header>
    ${
      !row
        ? html`<p class="empty">${t("loading")}</p>`
        : row.problem
          ? html`<${ProblemNote} problem=${row.problem} />`
          : isManager()
            ? html`<${NetworkGateways} ...${row} />`
            : html`<${ServerGateways} row=${row} />`
    }</div>`;
}
