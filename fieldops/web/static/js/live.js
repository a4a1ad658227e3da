/**
 * What happens on the server, as it happens: one stream a page, which finds its way back by itself.
 *
 * A browser has only few connections to a server, so a page that nobody sees gives its own back. Whatever ends a
 * stream, the next one goes on after the last event that is known here.
 */

import { say } from "./words.js";

/** @typedef {{number: number, kind: string, payload: Record<string, any>, happened_at: string}} Told */

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** @type {Map<string, ((event: Told) => void)[]>} */
const heard = new Map();
let known = Number(document.querySelector('meta[name="told"]')?.getAttribute("content") ?? Number.NaN);
/** @type {EventSource | undefined} */
let stream;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let pause = FIRST_MS;
let lost = false;
let barred = false;

/**
 * Call back for each event of some kinds; after a break the server tells what was missed.
 * @param {string[]} kinds
 * @param {(event: Told) => void} call
 */
export function listen(kinds, call) {
  for (const kind of kinds) {
    if (!heard.has(kind)) stream?.addEventListener(kind, tell);
    heard.set(kind, [...(heard.get(kind) ?? []), call]);
  }
  waiting ??= setTimeout(open); // with what the other scripts of the page listen to
}

/** @param {Event} frame */
function tell(frame) {
  const event = /** @type {Told} */ (JSON.parse(/** @type {MessageEvent} */ (frame).data));
  known = Math.max(known || 0, event.number);
  for (const call of heard.get(event.kind) ?? []) call(event);
}

function open() {
  clearTimeout(waiting);
  if (stream || barred || document.hidden) return;
  const source = new EventSource(`/api/v1/events${Number.isNaN(known) ? "" : `?after=${known}`}`);
  stream = source;
  for (const kind of heard.keys()) source.addEventListener(kind, tell);
  source.addEventListener("open", () => {
    pause = FIRST_MS;
    connected(true);
  });
  source.addEventListener("error", () => {
    if (stream !== source) return;
    connected(false);
    // an answer that is no stream ends it for good, such as a proxy's while the server starts anew
    if (source.readyState === EventSource.CLOSED) void openLater();
  });
}

function close() {
  clearTimeout(waiting);
  stream?.close();
  stream = undefined;
}

async function openLater() {
  close();
  const answer = await fetch("/api/v1/events/log?limit=1", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401) return signedOut();
  if (answer && [403, 404].includes(answer.status)) {
    barred = true; // whoever may not hear of events lacks no connection
    return connected(true);
  }
  waiting = setTimeout(open, pause * (0.75 + Math.random() / 2));
  pause = Math.min(pause * 2, LONGEST_MS);
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("online", open);

/** Say that the login has ended, with the way back here; what is typed stays until it is taken. */
function signedOut() {
  barred = true;
  const place = document.getElementById("connection");
  if (!place) return;
  const link = document.createElement("a");
  link.href = `/signin?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = say("sign_in");
  place.replaceChildren(`${say("signed_out")} `, link);
  place.classList.add("lost");
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
