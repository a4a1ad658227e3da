/** The time across: where an instant lies, how much of it is seen, and what the clock shows there. */

import { model } from "./model.js";

/** Hours that are seen at once, from a quarter to four weeks, and the seconds between two lines. */
export const ZOOMS = [
  { hours: 0.25, step: 60 },
  { hours: 0.5, step: 120 },
  { hours: 1, step: 300 },
  { hours: 6, step: 900 },
  { hours: 12, step: 3600 },
  { hours: 24, step: 2 * 3600 },
  { hours: 72, step: 6 * 3600 },
  { hours: 168, step: 12 * 3600 },
  { hours: 336, step: 24 * 3600 },
  { hours: 672, step: 24 * 3600 },
];
const DAY_S = 86_400;
const LABEL_PX = 44;

export const axis = { zoom: zoomOf(24), zone: "UTC", hourPx: 40 };

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {string} zone
 * @param {string} kind
 * @param {Intl.DateTimeFormatOptions} parts
 * @param {string} [language]
 */
function format(zone, kind, parts, language = document.documentElement.lang) {
  const key = `${zone}/${kind}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(language, { ...parts, timeZone: zone })));
  return found;
}

/**
 * Return how far a zone is ahead of UTC at an instant, in milliseconds.
 * @param {number} ms
 * @param {string} zone
 */
export function ahead(ms, zone) {
  const shown = format(zone, "parts", { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" }, "en-US");
  const parts = Object.fromEntries(shown.formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(ms / 1000) * 1000;
}

/**
 * Return the clock time in a zone, such as 08:30.
 * @param {number} ms
 * @param {string} zone
 */
export function clock(ms, zone) {
  return format(zone, "clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
}

/**
 * Return day and clock time in a zone.
 * @param {number} ms
 * @param {string} zone
 */
export function dayClock(ms, zone) {
  return format(zone, "dayclock", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
}

/**
 * Return an instant as a field for local time holds it, with its seconds where it has some.
 * @param {number} ms
 * @param {string} zone
 */
export function asLocal(ms, zone) {
  const text = new Date(ms + ahead(ms, zone)).toISOString();
  return text.slice(0, text.slice(17, 19) === "00" ? 16 : 19);
}

/**
 * Return the instant of a local time in a zone.
 * @param {string} text as 2026-03-02T08:30 or 2026-03-02T08:30:06
 * @param {string} zone
 */
export function fromLocal(text, zone) {
  const wall = Date.parse(`${text}Z`);
  const guess = wall - ahead(wall, zone);
  return wall - ahead(guess, zone);
}

/** @param {number} seconds */
export function left(seconds) {
  return (seconds / 3600) * axis.hourPx;
}

/** @param {number} px */
export function secondsAt(px) {
  return (px / axis.hourPx) * 3600;
}

/** Return how fine a drag sets times, in seconds. */
export function grain() {
  const { hours } = ZOOMS[axis.zoom];
  return hours <= 1 ? 60 : hours < 24 ? 300 : 900;
}

/** Return which scale shows so many hours. @param {number} hours */
export function zoomOf(hours) {
  return ZOOMS.findIndex((one) => one.hours === hours);
}

/**
 * Draw the lines and labels of the axis: days above, hours below. Of hours only those between two times, in seconds:
 * there are ten thousands of lines where a quarter of an hour is seen.
 * @param {HTMLElement} place
 * @param {number} from
 * @param {number} to
 */
export function draw(place, from, to) {
  const length = (model.until - model.since) / 1000;
  const { step, hours } = ZOOMS[axis.zoom];
  const days = [];
  const times = [];
  const first = model.since / 1000;
  const labelled = step * Math.ceil(LABEL_PX / left(step));
  for (let at = 0; at < length; ) {
    const local = first + at + ahead((first + at) * 1000, axis.zone) / 1000;
    const next = at + (DAY_S - (local % DAY_S));
    const label = format(axis.zone, hours > 168 ? "dayshort" : "day", hours > 168 ? { day: "numeric", month: "numeric" } : { weekday: "short", day: "numeric", month: "short" });
    days.push(mark("day", at, Math.min(next, length), label.format((first + at) * 1000)));
    const begun = local % DAY_S;
    for (let hour = Math.ceil((begun + Math.max(0, from - at)) / step) * step - begun; hour < Math.min(next, to) - at; hour += step) {
      if (step === DAY_S || at + hour >= length) continue;
      const shown = (local + hour) % DAY_S % labelled === 0;
      times.push(mark("time", at + hour, at + hour + step, shown ? clock((first + at + hour) * 1000, axis.zone) : ""));
    }
    at = next;
  }
  place.replaceChildren(...days, ...times);
}

/**
 * @param {string} kind
 * @param {number} from
 * @param {number} to
 * @param {string} text
 */
function mark(kind, from, to, text) {
  const made = document.createElement("span");
  made.className = kind;
  made.style.left = `${left(from)}px`;
  made.style.width = `${left(to - from)}px`;
  const label = document.createElement("b");
  label.textContent = text;
  made.append(label);
  return made;
}
