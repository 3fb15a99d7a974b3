/// A value that views follow. Whoever sets it wakes those whose part of it has changed.
import { useEffect, useState } from "./html.js";

export function makeStore(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const follower of [...followers]) follower(value);
    },
    change(step) {
      this.set({ ...value, ...(typeof step === "function" ? step(value) : step) });
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

/// The part of the store that `pick` names; the view is drawn again when that part is another one.
export function useStore(store, pick = whole => whole) {
  const [, again] = useState(0);
  const part = pick(store.get());
  useEffect(() => {
    let last = part;
    const look = value => {
      const now = pick(value);
      if (Object.is(now, last)) return;
      last = now;
      again(count => count + 1);
    };
    look(store.get());
    return store.follow(look);
  });
  return part;
}
