/// Where in the editor a place of the topology is edited.
import { writeAddress } from "../base/address.js";

export function wordsOfPlace({ part, name }) {
  if (part === "nodes") return writeAddress(["edit"], { node: name });
  if (part === "transfers") return writeAddress(["transfer-map", name]);
  if (part) return writeAddress(["edit"], { part, entry: name });
  return writeAddress(["edit"]);
}
