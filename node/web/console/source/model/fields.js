/// The fields of docs/reference/topology.md, a row a field: what a form asks for, in which words, and what counts when it says nothing.
/// Kinds: text, number, choice, flag, list (a line an entry), names (of nodes of those roles), json (an object of its own).

const limits = [
  ["transfers", "number", "16"],
  ["circuits", "number", "1024"],
  ["pending_opens", "number", "256"],
  ["connections", "number", "512"],
  ["handshakes", "number", "500"],
  ["links", "number", "4"],
  ["messages", "number", "2000"],
  ["sessions", "number", "256"],
  ["rate", "text", "none"],
  ["checkpoint", "text", "64MiB"],
  ["checkpoint_s", "number", "1"],
  ["stall_s", "number", "30"],
  ["keep_days", "number", "30"],
  ["keep_partial_days", "number", "7"],
  ["spool", "text", "10GiB"],
].map(([name, kind, standard]) => ({ path: ["limits", name], kind, standard, group: "limits" }));

const field = (path, kind, standard = "", more = {}) => ({ path: path.split("."), kind, standard, group: "main", ...more });

export const NODE_FIELDS = {
  all: [
    field("address", "text"),
    field("listen", "list", "address"),
    field("bind", "list", ""),
    field("resolver", "choice", "", { values: ["system", "hosts"] }),
  ],
  client: [field("home", "names", "", { roles: ["server"] }), field("dial", "choice", "", { values: ["out"] })],
  server: [
    field("segment", "list"),
    field("neighbours", "json"),
    field("routes", "json"),
    field("default_route", "names", "", { roles: ["server"] }),
    field("managers_from", "list"),
    field("proxy", "json"),
  ],
  tail: [field("hosts", "json"), ...limits],
};

export function nodeFields(role) {
  const own = role === "server" ? NODE_FIELDS.server : NODE_FIELDS.client;
  return [...NODE_FIELDS.all, ...own, ...NODE_FIELDS.tail];
}

export const TRANSFER_FIELDS = [
  field("send.path", "text", "out/FILE"),
  field("receive.path", "text", "in/FILE"),
  field("if_exists", "choice", "replace", { values: ["replace", "refuse"] }),
  field("digest", "choice", "xxh128", { values: ["xxh128", "sha256"] }),
  field("retry.count", "number", "0", { group: "running" }),
  field("retry.every_s", "number", "20", { group: "running" }),
  field("priority", "number", "0", { group: "running" }),
  field("preempt", "flag", "false", { group: "running" }),
  field("rate", "text", "none", { group: "running" }),
  field("on_error", "choice", "continue", { values: ["continue", "stop_others"], group: "several" }),
  field("complete_when", "choice", "all", { values: ["all", "spooled"], group: "several" }),
  field("store", "choice", "never", { values: ["never", "when_unreachable", "always", "only"], group: "several" }),
  field("store_s", "number", "604800", { group: "several" }),
];

export const GATEWAY_FIELDS = [
  field("protocol", "choice", "", { values: ["tcp", "udp"] }),
  field("calling", "names", "", { roles: ["server"] }),
  field("listen", "text"),
  field("called", "names", "", { roles: ["server"] }),
  field("deliver", "text"),
  field("link", "choice", "always", { values: ["always", "on-use"] }),
  field("reply_timeout_s", "number", "5", { only: "udp" }),
  field("replies_extend", "flag", "false", { only: "udp" }),
  field("replies_from", "choice", "destination", { values: ["destination", "host", "any"], only: "udp" }),
  field("keep_alive_s", "number", "60", { only: "tcp" }),
  field("half_closed_s", "number", "120", { only: "tcp" }),
];

export const read = (entry, path) => path.reduce((value, name) => value?.[name], entry);

/// Writes a value, or takes the field out where it says nothing; empty objects on the way go too.
export function write(entry, path, value) {
  const [name, ...rest] = path;
  if (!rest.length) {
    if (value === undefined || value === "") delete entry[name];
    else entry[name] = value;
    return;
  }
  if (typeof entry[name] !== "object" || entry[name] === null) entry[name] = {};
  write(entry[name], rest, value);
  if (!Object.keys(entry[name]).length) delete entry[name];
}

/// The text of a field as the form shows it, and back. What can't be read stays a text: `check` says what is wrong with it.
export function asText(value, kind) {
  if (value === undefined) return "";
  if (kind === "json") return JSON.stringify(value, null, 1);
  if (kind === "list") return [value].flat().join("\n");
  return String(value);
}

export function fromText(text, kind) {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (kind === "number") return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
  if (kind === "flag") return trimmed === "true";
  if (kind === "list") {
    const lines = trimmed
      .split(/[\n,]/)
      .map(line => line.trim())
      .filter(Boolean);
    return lines.length === 1 ? lines[0] : lines;
  }
  if (kind !== "json") return trimmed;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}
