/// The drawn map: takes elements and places, tells what was clicked, moved or reached by the keys. Knows nothing of where they come from.
import cytoscape from "cytoscape";
import { mapStyle } from "./style.js";
import { forgetIcons } from "./icons.js";

const NEAREST_ZOOM = 2.5,
  FARTHEST_ZOOM = 0.08;

export class MapCanvas {
  /// `told`: {choose(kind, name, position), open(name), moved(segment, places)}: of all that is drawn, and the segment where it was moved
  constructor(container, told) {
    this.graph = cytoscape({
      container,
      elements: [],
      style: mapStyle(),
      layout: { name: "preset" },
      minZoom: FARTHEST_ZOOM,
      maxZoom: NEAREST_ZOOM,
      boxSelectionEnabled: false,
      autounselectify: true,
      textureOnViewport: false,
      hideEdgesOnViewport: false,
    });
    this.told = told;
    this.graph.on("tap", event => {
      if (event.target === this.graph) told.choose("", "", event.position);
      else if (event.target.data("name")) told.choose(event.target.data("kind"), event.target.data("name"), event.position);
    });
    this.graph.on("dbltap", "node[kind='folded'], node[kind='segment']", event => told.open(event.target.data("name")));
    this.graph.on("dragfree", "node", ({ target }) => told.moved(segmentOf(target), this.places()));
    this.graph.on("dragpan scrollzoom pinchzoom", () => {
      this.own = true;
    });
    this.watcher = new ResizeObserver(() => this.#resized());
    this.watcher.observe(container);
    this.fitted = false;
    this.own = false; // the operator has moved the view: it stays as he has it
  }

  /// What opens beside the map moves nothing on it, unless something would be out of sight.
  #resized() {
    this.graph.resize();
    const size = `${innerWidth} ${innerHeight}`;
    const isOther = size !== this.window;
    this.window = size;
    if (this.fitted && !this.own && (isOther || this.#isCut())) this.fit();
  }

  #isCut() {
    const { x1, y1, x2, y2 } = this.graph.elements().renderedBoundingBox();
    return x1 < 0 || y1 < 0 || x2 > this.graph.width() || y2 > this.graph.height();
  }

  destroy() {
    this.watcher.disconnect();
    this.graph.destroy();
  }

  recolour() {
    forgetIcons();
    this.graph.style(mapStyle());
  }

  /// Draws exactly these elements; what is there already stays where it is, unless `anew`.
  show(elements, places, anew = false) {
    const wanted = new Map(elements.map(element => [element.data.id, element]));
    const grid = this.graph;
    grid.batch(() => {
      grid
        .elements()
        .filter(one => !wanted.has(one.id()) || (one.isNode() && one.data("parent") !== wanted.get(one.id()).data.parent))
        .remove();
      const added = [];
      for (const element of elements) {
        const known = grid.getElementById(element.data.id);
        if (known.empty()) added.push(this.#placed(element, places));
        else {
          if (changes(known.data(), element.data)) known.data(element.data);
          if (anew && element.data.kind !== "segment" && places.has(element.data.name))
            known.position(places.get(element.data.name));
        }
      }
      grid.add(added);
    });
    if (!this.fitted && elements.length && grid.width() > 0) {
      this.fitted = true;
      this.fit();
    }
  }

  #placed(element, places) {
    const place = places.get(element.data.name);
    return element.data.source === undefined && element.data.kind !== "segment" && place
      ? { ...element, position: { ...place } }
      : element;
  }

  choose(id) {
    this.graph.elements(".chosen").removeClass("chosen");
    if (id) this.graph.getElementById(id).addClass("chosen");
  }

  /// All but these fade; with nothing named, all are as they were.
  single(ids) {
    this.graph.batch(() => {
      this.graph.elements(".faint").removeClass("faint");
      if (!ids) return;
      this.graph.elements("node[kind='node'], edge, node[kind='folded']").forEach(one => {
        if (!ids.has(one.id())) one.addClass("faint");
      });
    });
  }

  places() {
    return new Map(
      this.graph
        .nodes("[kind='node'], [kind='folded']")
        .map(node => [node.data("name"), { x: Math.round(node.position("x")), y: Math.round(node.position("y")) }]),
    );
  }

  fit() {
    this.own = false;
    this.graph.fit(this.graph.elements(), 52);
    if (this.graph.zoom() > 1.25) {
      this.graph.zoom(1.25);
      this.graph.center();
    }
  }

  zoomBy(factor) {
    this.own = true;
    this.graph.zoom({
      level: this.graph.zoom() * factor,
      renderedPosition: { x: this.graph.width() / 2, y: this.graph.height() / 2 },
    });
  }

  /// Marks what the keys have reached, and brings it into sight.
  aim(id) {
    this.graph.elements(".aim").removeClass("aim");
    const one = this.graph.getElementById(id).addClass("aim");
    if (one.empty()) return;
    const { x1, y1, x2, y2 } = one.renderedBoundingBox();
    if (x1 < 0 || y1 < 0 || x2 > this.graph.width() || y2 > this.graph.height()) this.graph.center(one);
  }

  /// The nearest node in that direction, for the arrow keys; without a start, the one at the left top.
  next(id, key) {
    const nodes = this.graph.nodes("[kind='node'], [kind='folded']");
    const from = this.graph.getElementById(id);
    if (from.empty()) return nodes.sort((a, b) => a.position("x") + a.position("y") - b.position("x") - b.position("y"))[0];
    const turn = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    const start = from.position();
    let best = null,
      least = Infinity;
    nodes.forEach(node => {
      const by = { x: node.position("x") - start.x, y: node.position("y") - start.y };
      const along = by.x * turn[0] + by.y * turn[1];
      const across = Math.abs(by.x * turn[1]) + Math.abs(by.y * turn[0]);
      if (node.id() === id || along <= 1) return;
      const cost = along + 2.5 * across;
      if (cost < least) [best, least] = [node, cost];
    });
    return best;
  }
}

function segmentOf(node) {
  return node.data("kind") === "node" && node.parent().nonempty() ? node.parent().data("name") : node.data("name");
}

function changes(old, now) {
  return Object.keys(now).some(key => old[key] !== now[key]);
}
