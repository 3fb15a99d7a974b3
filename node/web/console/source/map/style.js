/// How the map is drawn. A style object for Cytoscape: nothing of it is a style in the page.
import { colour } from "../base/theme.js";
import { nodeIcon } from "./icons.js";

const stateColour = state =>
  colour(
    { wrong: "wrong", waiting: "waiting-mark", up: "strong-line", idle: "strong-line", unknown: "strong-line" }[state] ??
      "strong-line",
  );
const wayColour = state => colour({ failed: "wrong", cut: "wrong", done: "good", refused: "wrong" }[state] ?? "accent");

/// Between two servers the middle is the line's: there stand round trip and rate.
const hasMiddle = way =>
  way.data("kind") === "plan" || [way.source(), way.target()].some(end => end.data("role") !== "server" && end.data("kind") === "node");

export function mapStyle() {
  const letters = getComputedStyle(document.body).fontFamily;
  return [
    {
      selector: "node",
      style: { "font-family": letters, "font-size": 12, color: colour("text"), "min-zoomed-font-size": 6, "overlay-opacity": 0 },
    },
    {
      selector: "node[kind='node']",
      style: {
        shape: "rectangle",
        width: 44,
        height: 44,
        "background-opacity": 0,
        "background-image": node => nodeIcon(node.data("role"), node.data("state"), node.data("mark")),
        "background-fit": "contain",
        label: "data(label)",
        "text-valign": "bottom",
        "text-margin-y": 2,
        "text-max-width": 92,
        "text-wrap": "ellipsis",
        "text-background-color": colour("surface"),
        "text-background-opacity": 0.85,
        "text-background-padding": 1,
        "z-compound-depth": "top", // no line over a name
      },
    },
    { selector: "node[role='server']", style: { "font-weight": 600, "text-valign": "top", "text-margin-y": -1 } },
    {
      selector: "node[kind='segment']",
      style: {
        shape: "round-rectangle",
        "background-color": colour("surface"),
        "background-opacity": 0.9,
        "border-width": 1,
        "border-color": colour("line"),
        label: "data(label)",
        "text-valign": "top",
        "text-halign": "center",
        "text-margin-y": -6,
        color: colour("muted"),
        "font-size": 12,
        padding: 22,
        "corner-radius": 14,
      },
    },
    {
      selector: "node[kind='folded']",
      style: {
        shape: "round-rectangle",
        width: 150,
        height: 72,
        "background-color": node => colour({ wrong: "wrong-soft", waiting: "waiting-soft" }[node.data("state")] ?? "surface"),
        "border-width": 2,
        "border-color": node => stateColour(node.data("state")),
        label: "data(label)",
        "text-valign": "center",
        "text-halign": "center",
        "text-wrap": "wrap",
        "font-size": 24,
        "min-zoomed-font-size": 4,
      },
    },
    {
      selector: "edge",
      style: {
        "curve-style": "straight",
        width: 1.5,
        "line-color": colour("strong-line"),
        "overlay-opacity": 0,
        "font-family": letters,
        "font-size": 11,
        color: colour("muted"),
        "min-zoomed-font-size": 7,
      },
    },
    {
      selector: "edge[kind='line']",
      style: {
        width: "data(width)",
        "line-color": edge => stateColour(edge.data("state")),
        "line-style": edge => ({ wrong: "dashed", idle: "dotted" })[edge.data("state")] ?? "solid",
        label: "data(label)",
        "text-background-color": colour("ground"),
        "text-background-opacity": 0.9,
        "text-background-padding": 2,
      },
    },
    { selector: "edge[kind='line'][state='wrong']", style: { color: colour("wrong"), width: 2.5 } },
    {
      selector: "edge[kind='home']",
      style: {
        width: 1.2,
        "line-color": edge => (edge.data("state") === "wrong" ? colour("wrong") : colour("line")),
        "line-style": edge => (edge.data("state") === "wrong" ? "dashed" : "solid"),
      },
    },
    {
      selector: "edge[kind='gateway']",
      style: {
        "curve-style": "unbundled-bezier",
        "control-point-distances": -34,
        "control-point-weights": 0.5,
        width: 2,
        "line-style": "dashed",
        "line-dash-pattern": [2, 4],
        "line-color": colour("good"),
        "target-arrow-color": colour("good"),
        "target-arrow-shape": "diamond",
        label: "data(label)",
        "text-background-color": colour("ground"),
        "text-background-opacity": 0.9,
      },
    },
    {
      selector: "edge[kind='way'], edge[kind='plan'], edge[kind='login']",
      style: {
        "curve-style": "unbundled-bezier",
        "control-point-distances": 16,
        "control-point-weights": 0.5,
        width: 3.5,
        "line-color": edge => wayColour(edge.data("state")),
        "target-arrow-color": edge => wayColour(edge.data("state")),
        "target-arrow-shape": "triangle",
        "arrow-scale": 1.1,
        label: edge => (hasMiddle(edge) ? edge.data("label") : ""),
        "source-label": edge => (hasMiddle(edge) ? "" : edge.data("label")),
        "source-text-offset": 64,
        "font-size": 12,
        "font-weight": 700,
        color: colour("on-accent"),
        "text-background-color": edge => wayColour(edge.data("state")),
        "text-background-opacity": 1,
        "text-background-shape": "round-rectangle",
        "text-background-padding": 3,
        "z-index": 20,
      },
    },
    { selector: "edge[kind='plan'], edge[kind='way'][state='told']", style: { "line-style": "dashed" } },
    {
      selector: "edge[kind='running']",
      style: {
        "curve-style": "unbundled-bezier",
        "control-point-distances": 9,
        "control-point-weights": 0.5,
        width: 2.5,
        "line-color": colour("accent"),
        "target-arrow-color": colour("accent"),
        "target-arrow-shape": "triangle",
      },
    },
    { selector: ".chosen", style: { "overlay-color": colour("accent"), "overlay-opacity": 0.16, "overlay-padding": 6 } },
    {
      selector: "node[kind='segment'].chosen",
      style: { "overlay-opacity": 0, "border-color": colour("accent"), "border-width": 2 },
    },
    { selector: ".faint", style: { opacity: 0.22 } },
    { selector: ".aim", style: { "overlay-color": colour("waiting-mark"), "overlay-opacity": 0.25, "overlay-padding": 8 } },
  ];
}
