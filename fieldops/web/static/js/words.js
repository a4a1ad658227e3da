/** What scripts say, in the reader's language: the page prints it as JSON. */

/** @type {Record<string, string>} */
const told = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/**
 * Return a text with its blanks filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(name, values = {}) {
  return (told[name] ?? name).replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/**
 * Return an instant as the reader writes it, at a place.
 * @param {string | number | Date} instant
 * @param {string} [zone] IANA name; the reader's own without
 * @param {Intl.DateTimeFormatOptions} [parts]
 */
export function moment(instant, zone, parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...parts, timeZone: zone }).format(new Date(instant));
}
