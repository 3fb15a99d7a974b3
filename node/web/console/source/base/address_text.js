/// An address as text and back: place, what is below it, and the query. Pure.

export function readAddress(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const words = path.split("/").filter(Boolean).map(decode);
  return { place: words[0] ?? "", rest: words.slice(1), query: Object.fromEntries(new URLSearchParams(query)) };
}

export function writeAddress(words, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const tail = new URLSearchParams(kept).toString();
  return "#/" + words.map(encodeURIComponent).join("/") + (tail ? "?" + tail : "");
}

function decode(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word; // a mistyped address is a place that is not there, no mistake of the program
  }
}
