/// The map as a part of a view: mounts the canvas, keeps places, and makes every node reachable by the keys.
import { html, useEffect, useMemo, useRef, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { turns } from "../base/theme.js";
import { rate, roundTrip } from "../base/format.js";
import { MapCanvas } from "../map/canvas.js";
import { elementsOf, foldedSegments, wayElements } from "../map/elements.js";
import { forgetPlaces, keepPlaces, loadPlaces, places as keptPlaces } from "../api/places.js";
import { placesFor } from "../map/places.js";

const lineText = line =>
  [
    line.cost > 1 ? t("cost", { cost: line.cost }) : "",
    line.state !== "wrong" && line.roundTrip !== undefined ? roundTrip(line.roundTrip) : "",
    line.state !== "wrong" && line.rate > 0 ? rate(line.rate) : "",
    line.state === "wrong" ? "✕" : "",
  ]
    .filter(Boolean)
    .join(" · ");
const texts = {
  line: lineText,
  segment: segment => segment.networks.join(", ") || segment.server,
  folded: ({ server, counts }) =>
    `${server}\n● ${counts.up}${counts.waiting ? `  ! ${counts.waiting}` : ""}${counts.wrong ? `  ✕ ${counts.wrong}` : ""}${counts.unknown ? `  ? ${counts.unknown}` : ""}`,
};

/// `ways`: {kind: edges}; `marks`: node → source, receiver, via, point; `choose(kind, name)`; `chosen`: an element's id; `single`: ids that
/// stay strong while all others fade; `stay`: places of this view alone (a draft), else those of the network are kept.
export function MapStage({
  network,
  opened = new Set(),
  open,
  hidden,
  ways = {},
  marks = {},
  chosen,
  choose,
  single,
  label,
  children,
}) {
  const frame = useRef(null);
  const canvas = useRef(null);
  const told = useRef({});
  const drawn = useRef(0);
  const [aimed, aim] = useState({ id: "", kind: "", name: "", text: "" });
  const colours = useStore(turns);
  const folded = useMemo(() => foldedSegments(network, opened), [network, opened]);
  const elements = useMemo(
    () => withWays(elementsOf(network, { opened, hidden, texts }), ways, marks),
    [network, opened, hidden, ways, marks],
  );
  const shape = `${network.name} ${network.nodes.map(node => `${node.name} ${node.segment}`).join(",")} ${[...folded].join(",")}`;
  const { kept, loads } = useStore(keptPlaces);
  const places = useMemo(() => placesFor(network, folded, kept), [shape, loads]);
  told.current = { choose, open, moved: (segment, now) => keepPlaces(movedPlaces(network, kept, segment, now)) };

  useEffect(() => {
    canvas.current = new MapCanvas(frame.current, {
      choose: (...what) => told.current.choose?.(...what),
      open: name => told.current.open?.(name),
      moved: (...what) => told.current.moved(...what),
    });
    loadPlaces();
    return () => canvas.current.destroy();
  }, []);
  useEffect(() => canvas.current.show(elements, places, drawn.current !== (drawn.current = loads)), [elements, places, loads]);
  useEffect(() => canvas.current.choose(chosen), [chosen, elements]);
  useEffect(() => canvas.current.single(single), [single, elements]);
  useEffect(() => {
    if (colours) canvas.current.recolour();
  }, [colours]);

  function key(event) {
    if (event.key === "+" || event.key === "-") return void canvas.current.zoomBy(event.key === "+" ? 1.25 : 0.8);
    if (event.key === "0") return void canvas.current.fit();
    if (event.key === "Escape") return void choose?.("", "");
    if (event.key === "Enter" && aimed.id)
      return void (aimed.kind === "folded" ? open?.(aimed.name) : choose?.(aimed.kind, aimed.name));
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const next = canvas.current.next(aimed.id || chosen || "", event.key);
    if (!next) return;
    canvas.current.aim(next.id());
    aim({
      id: next.id(),
      kind: next.data("kind"),
      name: next.data("name"),
      text: `${next.data("name")}, ${t(`tone_${next.data("state")}`)}`,
    });
  }
  function again() {
    forgetPlaces();
    canvas.current.show(elements, placesFor(network, folded, new Map()), true);
    canvas.current.fit();
  }
  return html`<div class="stage">
    <div class="drawing" ref=${frame} tabindex="0" role="application" aria-label=${label ?? t("map_of", { name: network.name })}
      aria-describedby="map-keys" onKeyDown=${key}></div>
    <p id="map-keys" class="unseen">${t("map_keys")}</p><p class="unseen" role="status">${aimed.text}</p>
    <div class="tools" role="group" aria-label=${t("map_tools")}>
      <button type="button" class="button" aria-label=${t("zoom_in")} title=${t("zoom_in")}
        onClick=${() => canvas.current.zoomBy(1.25)}>+</button>
      <button type="button" class="button" aria-label=${t("zoom_out")} title=${t("zoom_out")}
        onClick=${() => canvas.current.zoomBy(0.8)}>−</button>
      <button type="button" class="button" onClick=${() => canvas.current.fit()}>${t("fit")}</button>
      <button type="button" class="button" data-action="lay-out" onClick=${again}>${t("lay_out")}</button>
    </div>${children}
  </div>`;
}

/// Of what was moved all of its segment, so that it does not follow its server another time; of the rest what nobody has put anywhere.
function movedPlaces(network, kept, segment, now) {
  return new Map([...now].filter(([name]) => !kept.has(name) || name === segment || network.byName.get(name)?.segment === segment));
}

function withWays(elements, ways, marks) {
  const inside = new Map();
  for (const { data } of elements) {
    if (data.kind === "node") {
      inside.set(data.name, data.id);
      data.mark = marks[data.name] ?? "";
    }
  }
  const shownOf = name => inside.get(name);
  return [...elements, ...Object.entries(ways).flatMap(([kind, edges]) => wayElements(edges, shownOf, kind))];
}
