/** The clock of a place: fields without a zone hold the time there. */

/**
 * Return how far the clock of a zone is ahead of UTC at an instant, in milliseconds.
 * @param {number} instant
 * @param {string} zone
 */
function ahead(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).formatToParts(instant);
  /** @param {string} type */
  const of = (type) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(instant / 1000) * 1000;
}

/**
 * Return the instant of a local time such as 2026-03-02T09:30 at a place, as ISO text in UTC.
 * @param {string} local
 * @param {string} zone
 */
export function instant(local, zone) {
  const wall = Date.parse(`${local}Z`);
  // twice, since the difference may be another at the instant that the first one leads to
  const near = wall - ahead(wall, zone);
  return new Date(wall - ahead(near, zone)).toISOString();
}

/**
 * Return the local time of an instant at a place, as a field takes it, to the minute.
 * @param {string | number} at
 * @param {string} zone
 */
export function local(at, zone) {
  const instant = new Date(at).getTime();
  return new Date(instant + ahead(instant, zone)).toISOString().slice(0, 16);
}
