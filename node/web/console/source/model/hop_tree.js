/// Places for the picture of hops: from left to right by depth, branches one under another. Pure.
const STEP_X = 172,
  STEP_Y = 62,
  LEFT = 70,
  TOP = 34;

export function hopTree(edges) {
  const children = new Map();
  const parents = new Map();
  for (const edge of edges) {
    if (parents.has(edge.to) || edge.from === edge.to) continue; // a node that was told twice stands where it was told first
    if (isBelow(parents, edge.from, edge.to)) continue;
    parents.set(edge.to, edge.from);
    children.set(edge.from, [...(children.get(edge.from) ?? []), edge.to]);
  }
  const names = [...new Set(edges.flatMap(edge => [edge.from, edge.to]))];
  const places = new Map();
  let row = 0;
  const put = (name, depth) => {
    const below = children.get(name) ?? [];
    const rows = below.map(child => put(child, depth + 1));
    const own = rows.length ? (rows[0] + rows.at(-1)) / 2 : row++;
    places.set(name, { x: LEFT + depth * STEP_X, y: TOP + own * STEP_Y });
    return own;
  };
  names.filter(name => !parents.has(name)).forEach(name => put(name, 0));
  const depth = Math.max(0, ...[...places.values()].map(place => place.x));
  return { places, width: depth + LEFT, height: TOP * 2 + Math.max(0, row - 1) * STEP_Y };
}

function isBelow(parents, name, top) {
  for (let at = name, steps = 0; at !== undefined && steps < 100; at = parents.get(at), ++steps) if (at === top) return true;
  return false;
}
