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
      return [name, { x: radius * 1.45 * Math.cos(angle), y: radius * 0.85 * Math.sin(angle) }];
    }),
  );
}
