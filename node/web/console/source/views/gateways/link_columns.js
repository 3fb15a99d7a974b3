/// What tables of gateway links show of each, whoever says it.
import { html } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { moment, roundTrip } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { toneOf } from "./gateway_tone.js";

/// State, since when, and the round trip, whose microseconds `tripOf` has.
export const linkColumns = tripOf => [
  {
    key: "state",
    text: t("state"),
    cell: link => html`<${State} tone=${toneOf(link.state)}>${named("gateway", link.state)}</${State}>`,
  },
  { key: "since", text: t("since"), cell: link => moment(link.since, true) },
  {
    key: "trip",
    text: t("round_trip"),
    number: true,
    cell: link => (tripOf(link) === undefined ? "–" : roundTrip(tripOf(link))),
  },
];
