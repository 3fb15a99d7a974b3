/// Numbers with units, times with their zone, in the words of the chosen language.
import { language, t } from "./language.js";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

function scaled(amount) {
  let step = 0;
  while (amount >= 999.5 && step < UNITS.length - 1) {
    amount /= 1000;
    ++step;
  }
  return [amount >= 99.5 || step === 0 ? amount.toFixed(0) : amount.toPrecision(2 + (amount >= 9.95)), UNITS[step]];
}

export const bytes = amount => (Number.isFinite(amount) ? scaled(amount).join(" ") : "–");
export const rate = perSecond => (Number.isFinite(perSecond) ? `${bytes(perSecond)}/s` : "–");
export const count = number => (Number.isFinite(number) ? new Intl.NumberFormat(language()).format(number) : "–");
export const percent = part => `${Math.floor(Math.min(1, Math.max(0, part)) * 100)} %`;
export const roundTrip = micros => (micros < 1000 ? `${micros} µs` : `${(micros / 1000).toPrecision(micros < 10000 ? 2 : 3)} ms`);

/// 3 d 4 h, 12 min 5 s, 340 ms: two steps at most.
export function duration(ms) {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount], at) => amount > 0 || at === 0)
    .map(part => part.join(" "))
    .join(" ");
}

const clock = new Map();
function formatter(options) {
  const key = language() + JSON.stringify(options);
  if (!clock.has(key)) clock.set(key, new Intl.DateTimeFormat(language(), options));
  return clock.get(key);
}

/// The time of day if it is today, else the date too; `zone` where it stands alone.
export function moment(text, zone = false) {
  const at = new Date(text);
  if (!text || Number.isNaN(at.getTime())) return "–";
  const today = at.toDateString() === new Date().toDateString();
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  if (!today) Object.assign(options, { year: "numeric", month: "short", day: "numeric" });
  if (zone) options.timeZoneName = "short";
  return formatter(options).format(at);
}

export const zoneName = () =>
  formatter({ timeZoneName: "short" })
    .formatToParts(new Date())
    .find(part => part.type === "timeZoneName")?.value ?? "UTC";

export function timeLeft(until) {
  const days = Math.floor((new Date(until) - Date.now()) / 86400000);
  return days >= 1 ? t("days", { count: days }) : duration(new Date(until) - Date.now());
}
