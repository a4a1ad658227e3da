/** The map beside the board: read when it is opened, for the day that is seen and the person who is chosen. */

import { failed } from "../toast.js";
import { ahead, axis, secondsAt } from "./axis.js";
import { model, settings } from "./model.js";
import { grid } from "./rows.js";

const DAY_MS = 86_400_000;
const WAIT_MS = 250;
const place = /** @type {HTMLElement} */ (document.getElementById("board-map"));
let person = "";
let shown = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
/** @type {AbortController | undefined} */
let asking;

/** Open the map or close it. */
export async function toggle() {
  place.hidden = !place.hidden;
  document.querySelector('[data-do="map"]')?.setAttribute("aria-expanded", String(!place.hidden));
  if (place.hidden) return;
  addLooks();
  shown = "";
  await read();
}

/** Show the ways of somebody. @param {string | undefined} code */
export function lookAt(code) {
  person = code ?? person;
  soon();
}

/** Read the map again soon, if it is open and about something else by now. */
export function soon() {
  if (place.hidden) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => void read(), WAIT_MS);
}

function addLooks() {
  if (document.querySelector('link[href="/static/map.css"]')) return;
  const looks = document.createElement("link");
  Object.assign(looks, { rel: "stylesheet", href: "/static/map.css" });
  document.head.append(looks);
}

/** The beginning of the day in the middle of what is seen, in the zone of the axis. */
function dayShown() {
  const middle = model.since + secondsAt(grid.scrollLeft + Math.min(grid.clientWidth / 2, 400)) * 1000;
  const local = middle + ahead(middle, axis.zone);
  const midnight = local - (local % DAY_MS);
  return midnight - ahead(midnight - ahead(midnight, axis.zone), axis.zone);
}

async function read() {
  const since = dayShown();
  const query = new URLSearchParams({ from: new Date(since).toISOString(), to: new Date(since + DAY_MS).toISOString(), zone: axis.zone, technician: person });
  if (settings.region) query.set("region", settings.region);
  if (query.toString() === shown) return;
  shown = query.toString();
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(`/board/map?${query}`, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = place.querySelector("details")?.open ?? false;
    place.replaceChildren(...told.body.childNodes);
    const table = place.querySelector("details");
    if (table) table.open = open;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) failed(error);
  }
}

grid.addEventListener("scroll", soon, { passive: true });
