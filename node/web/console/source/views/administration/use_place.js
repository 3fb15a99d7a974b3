/// Of which servers a listing is: at a manager all, or the one in the address; else the node that served this page.
import { html } from "../../base/html.js";
import { t } from "../../base/language.js";
import { useStore } from "../../base/store.js";
import { refine, useAddress } from "../../base/address.js";
import { isManager, session } from "../../api/session.js";

/// `meant`: the servers; `field`: what says to which one of them something goes.
export function usePlace() {
  const { query } = useAddress();
  const sessions = useStore(session, value => value.servers);
  const account = useStore(session, value => value.account);
  if (!isManager()) return { all: [], meant: [account.node], only: "", name: account.node, field: () => ({}) };
  const all = sessions.map(row => row.server);
  const only = query.at ?? "";
  return { all, meant: only ? [only] : all, only, name: only || t("all_servers"), field: server => ({ at: server }) };
}

/// `none`: what no choice is.
export function PlaceChoice({ place, none = t("all_servers") }) {
  if (!place.all.length) return null;
  return html`<label class="row">${t("at_server")}<select name="at" value=${place.only}
    onChange=${event => refine({ at: event.target.value })}><option value="">${none}</option>${place.all.map(
      server => html`<option key=${server} value=${server}>${server}</option>`,
    )}</select></label>`;
}
