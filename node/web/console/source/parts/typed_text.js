/// What stands in a field: what was typed, until what it is about has another value. Without an effect, which would come behind the first
/// keys, and take them back.
import { useState } from "../base/html.js";

export function useTypedText(fresh) {
  let [own, put] = useState({ fresh, text: fresh });
  if (own.fresh !== fresh) put((own = { fresh, text: fresh }));
  return [own.text, text => put({ fresh, text })];
}
