/** What happens on the server, as it happens: one stream a page, which finds its way back by itself. */

import { say } from "./words.js";

/** @typedef {{number: number, kind: string, payload: Record<string, any>, happened_at: string}} Told */

/** @type {EventSource | undefined} */
let stream;
let lost = false;

/**
 * Call back for each event of some kinds; after a break the server tells what was missed.
 * @param {string[]} kinds
 * @param {(event: Told) => void} heard
 */
export function listen(kinds, heard) {
  stream ??= opened();
  for (const kind of kinds) {
    stream.addEventListener(kind, (frame) => heard(JSON.parse(/** @type {MessageEvent} */ (frame).data)));
  }
}

function opened() {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("open", () => connected(true));
  source.addEventListener("error", () => connected(false));
  return source;
}

/** @param {boolean} now */
function connected(now) {
  const place = document.getElementById("connection");
  if (!place || now === !lost) return;
  lost = !now;
  place.textContent = lost ? say("offline") : say("online");
  place.classList.toggle("lost", lost);
  if (!lost) setTimeout(() => !lost && (place.textContent = ""), 4_000);
}
