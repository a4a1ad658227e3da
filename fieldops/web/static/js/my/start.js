/** Brings a page of the field to life: what waits, what may be reported, what the server tells meanwhile. */

import { listen } from "../live.js";
import { note } from "../toast.js";
import { moment } from "../words.js";
import { correct, overlay, refresh, useCard } from "./card.js";
import { onChange, send } from "./queue.js";
import { showOutbox } from "./outbox.js";
import { keepPages } from "./pages.js";
import { job, say } from "./words.js";

const SOON_MS = 300;
const OLD_MS = 60_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

async function show() {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("[data-own-time]"))) time.textContent = moment(time.dateTime);
  try {
    overlay(await showOutbox(correct));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    note(say("no_storage"), { kind: "failed" });
  }
}

function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(async () => {
    await refresh();
    await show();
  }, SOON_MS);
}

/** What the device had kept is shown only until the server has told what it knows. */
function refreshOld() {
  const made = /** @type {HTMLTimeElement | null} */ (document.querySelector("[data-own-time]"))?.dateTime ?? "";
  if (Date.now() - Date.parse(made) > OLD_MS) refreshSoon();
}

onChange((sent) => (sent ? void refresh().then(show) : void show()));
listen(["job.changed", "job.dispatched", "job.assigned", "job.unassigned"], ({ kind, payload }) => {
  const concerned = job() ? [job()?.job] : [...document.querySelectorAll("[data-state-of]")].map((one) => /** @type {HTMLElement} */ (one).dataset.stateOf);
  const named = payload.what.some((/** @type {string} */ number) => concerned.includes(number)) || payload.count > payload.what.length;
  if (named || (kind === "job.assigned" && !job())) refreshSoon();
});
addEventListener("online", refreshSoon);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refreshOld());
if (job()) useCard(() => navigator.onLine || note(say("queued")), refreshSoon);
await show();
document.documentElement.dataset.mine = "";
void send();
void keepPages();
refreshOld();
