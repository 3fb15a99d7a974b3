/// Where things stand when no operator has put them anywhere: servers by fcose, once; clients in a grid below their server.
const STEP_X = 96,
  STEP_Y = 78,
  TOP = 96;

/// Places relative to their server for its clients and managers, in rows that make the box about as wide as high.
export function gridBelow(names) {
  const wide = Math.max(2, Math.ceil(Math.sqrt(names.length * 1.6)));
  const places = new Map();
  names.forEach((name, at) => {
    const row = Math.floor(at / wide);
    const inRow = Math.min(wide, names.length - row * wide);
    places.set(name, { x: ((at % wide) - (inRow - 1) / 2) * STEP_X, y: TOP + row * STEP_Y });
  });
  return places;
}

/// Room that a segment's box takes, so that fcose keeps servers apart.
export function boxOf(count) {
  const wide = Math.max(2, Math.ceil(Math.sqrt(count * 1.6)));
  return { w: Math.max(1, Math.min(wide, count)) * STEP_X + 80, h: TOP + Math.ceil(count / wide) * STEP_Y + 60 };
}

/// Servers on a ring, for the start of fcose and for small networks, where a ring is what people draw.
export function ring(names, boxes) {
  const round = names.reduce((sum, name) => sum + Math.max(boxes.get(name).w, boxes.get(name).h), 0);
  const radius = names.length === 1 ? 0 : Math.max(260, (round * 1.15) / (2 * Math.PI));
  return new Map(
    names.map((name, at) => {
      const angle = (at / names.length) * 2 * Math.PI - Math.PI / 2;
      return [name, { x: radius * 1.45 * Math.cos(angle), y: radius * 0.7 * Math.sin(angle) }];
    }),
  );
}

/// Those that are new in a row at the right of those that stand somewhere: what an operator has laid out stays clear.
export function beside(standing, fresh, boxes) {
  let right = Math.max(...[...standing].map(([name, { x }]) => x + boxes.get(name).w / 2));
  const middle = [...standing.values()].reduce((sum, { y }) => sum + y, 0) / standing.size;
  const places = new Map();
  for (const name of fresh) {
    const { w } = boxes.get(name);
    places.set(name, { x: right + APART + w / 2, y: middle });
    right += APART + w;
  }
  return places;
}

const APART = 60,
  WIDER = 1.35, // screens are
  GAP = 14,
  ROUNDS = 400,
  MOST_PUSHES = 20e6;

/// The same places, wider than high, and moved apart until no box lies on another (nearly so, if there is no end to it).
export function apart(places, boxes) {
  const all = [...places].map(([name, { x, y }]) => ({ name, x: WIDER * x, y, w: boxes.get(name).w + GAP, h: boxes.get(name).h + GAP }));
  const rounds = Math.min(ROUNDS, MOST_PUSHES / (all.length * all.length + 1));
  for (let round = 0; round < rounds && pushAll(all); ++round);
  return new Map(all.map(({ name, x, y }) => [name, { x, y }]));
}

function pushAll(all) {
  let moved = false;
  for (let at = 0; at < all.length; ++at)
    for (let other = at + 1; other < all.length; ++other) moved = push(all[at], all[other]) || moved;
  return moved;
}

/// Along the way that is shorter, half of it each.
function push(one, other) {
  const across = (one.w + other.w) / 2 - Math.abs(one.x - other.x),
    along = (one.h + other.h) / 2 - Math.abs(one.y - other.y);
  if (across <= 0.5 || along <= 0.5) return false;
  const key = across < along ? "x" : "y";
  const by = Math.min(across, along) / 2;
  const way = one[key] < other[key] ? -1 : 1;
  one[key] += way * by;
  other[key] -= way * by;
  return true;
}
