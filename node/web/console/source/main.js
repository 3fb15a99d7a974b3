/// The manager's console: begins what is watched, and shows the view that the address names.
import { html, render, useEffect, useState } from "./base/html.js";
import { language, t } from "./base/language.js";
import { startTheme } from "./base/theme.js";
import { useStore } from "./base/store.js";
import { useAddress } from "./base/address.js";
import { resume, session } from "./api/session.js";
import { network, startWatching } from "./api/watch.js";
import { startLive } from "./api/live.js";
import { startPlaces } from "./api/places.js";
import { startSamples } from "./api/samples.js";
import { Frame } from "./views/frame.js";
import { LoginResult, LoginView } from "./views/login_view.js";
import { OverviewView } from "./views/overview_view.js";
import { MapView } from "./views/map_view.js";
import { TransfersView } from "./views/transfers_view.js";
import { TransferView } from "./views/transfer_view.js";
import { SendView } from "./views/send_view.js";
import { EditView } from "./views/edit_view.js";
import { TransferMapView } from "./views/transfer_map_view.js";
import { ApplyView } from "./views/apply_view.js";
import { FilesView } from "./views/files_view.js";
import { GatewaysView } from "./views/gateways_view.js";
import { AdministrationView } from "./views/administration/administration_view.js";
import { HelpView } from "./views/help_view.js";

const VIEWS = {
  "": OverviewView,
  map: MapView,
  send: SendView,
  edit: EditView,
  apply: ApplyView,
  files: FilesView,
  gateways: GatewaysView,
  administration: AdministrationView,
  help: HelpView,
};

function View() {
  const { place, rest } = useAddress();
  if (place === "transfers") return rest[0] ? html`<${TransferView} key=${rest[0]} id=${rest[0]} />` : html`<${TransfersView} />`;
  if (place === "transfer-map") return html`<${TransferMapView} key=${rest[0]} file=${rest[0] ?? ""} />`;
  const view = VIEWS[place];
  return view
    ? html`<${view} />`
    : html`<div class="page"><h1>${t("no_such_place")}</h1><a class="button" href="#/">${t("place_overview")}</a></div>`;
}

function Title() {
  const { place, rest } = useAddress();
  const name = useStore(network, value => value.topology?.network);
  useEffect(() => {
    document.title = [rest[0] ?? place, name, "hublink"].filter(Boolean).join(" · ");
  }, [place, rest[0], name]);
  return null;
}

function App() {
  const state = useStore(session, value => value.state);
  const [result, put] = useState(null);
  if (state === "unknown") return html`<main class="door"><p class="muted">${t("loading")}</p></main>`;
  if (state === "out") return html`<${LoginView} put=${put} />`;
  return html`<${Title} /><${Frame}><${View} /></${Frame}>${result ? html`<${LoginResult} rows=${result}
    close=${() => put(null)} />` : null}`;
}

document.documentElement.lang = language();
startTheme();
startWatching();
startLive();
startSamples();
startPlaces();
render(html`<${App} />`, document.getElementById("app"));
resume();
