/// Makes a text of others fit to be shown: what controls, turns or hides text stands there as \u001b and the like, and what is
/// longer than anybody reads is cut, with its length.
const LONGEST = 2000;
const HARMFUL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|\p{Cs}|[\u{e0000}-\u{e0fff}]/gu;
const escaped = one => "\\u" + one.codePointAt(0).toString(16).padStart(4, "0");

export function harmless(text, longest = LONGEST) {
  const whole = text.length <= longest ? text : `${text.slice(0, longest - 20)}… (${text.length})`; // not cut again when it comes twice
  return whole.replace(HARMFUL, escaped);
}
