/// Why a node needs care: short signs of the model as sentences, the node's own lines as they are.
import { t } from "../base/language.js";

const OWN = ["held", "drift", "expires-soon", "certificate"];

export function whyText(why) {
  if (OWN.includes(why)) return t(`why_${why.replace("-", "_")}`);
  if (why.startsWith("twin: ")) return t("why_twin", { peer: why.slice(6) });
  return why;
}
