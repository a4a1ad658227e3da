/** The card of a job: which steps are open by what the server knows and by what waits to be sent. */

import { fieldsOf, open, useForms } from "./forms.js";
import { overlayChecklist } from "./checklist.js";
import { usePhotos } from "./photos.js";
import { drop, report } from "./queue.js";
import { fresh } from "./pages.js";
import { draftOf, keepDraft, sheetOf } from "./store.js";
import { job, say, user } from "./words.js";

/** @typedef {import("./store.js").Kept} Kept */

const BOOKED_IN = new Set(["dispatched", "accepted", "travelling", "on_site", "paused", "done", "inspected"]);
const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));
/** Since when the work lasts that is not booked, by what waits too. @type {string | null} */
let since = null;

/**
 * Show which steps are open, and the state that the job will have.
 * @param {Kept[]} kept
 */
export function overlay(kept) {
  const facts = job();
  if (!facts) return;
  let { state } = facts;
  ({ since } = facts);
  const waiting = kept.filter((one) => one.standing === "waiting" && one.report.job === facts.job);
  for (const { report: one } of waiting) {
    state = facts.steps.find((step) => step.origin === state && step.kind === one.kind)?.target ?? state;
    if (one.kind === "arrive" || one.kind === "resume") since = one.happened_at;
    if (one.kind === "labour") since = one.work.end;
  }
  const badge = /** @type {HTMLElement} */ (document.getElementById("state"));
  const word = facts.states[state] ?? state;
  badge.textContent = state === facts.state ? word : say("expected", { state: word });
  badge.className = `badge at ${state}`;
  let open = 0;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (shown.querySelectorAll("[data-kind]"))) {
    button.hidden = !facts.steps.some((step) => step.origin === state && step.kind === button.dataset.kind);
    open += button.hidden ? 0 : 1;
  }
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (shown.querySelectorAll("[data-books]"))) button.hidden = !BOOKED_IN.has(state);
  overlayChecklist(waiting);
  const none = document.getElementById("no-step");
  if (none) none.hidden = open > 0;
}

/** Show the page as the server has it now; what is typed stands beside it, and stays. */
export async function refresh() {
  const text = await fresh(location.pathname);
  const now = text && new DOMParser().parseFromString(text, "text/html").getElementById("shown");
  if (!now) return false;
  const focused = document.activeElement instanceof HTMLElement && shown.contains(document.activeElement) ? document.activeElement.dataset : undefined;
  const opened = shown.querySelector("details")?.open ?? false;
  shown.replaceChildren(...now.childNodes);
  const details = shown.querySelector("details");
  if (details) details.open = opened;
  const again = focused?.kind ?? focused?.form ?? focused?.answer;
  if (again) /** @type {HTMLElement | null} */ (shown.querySelector(`[data-kind="${again}"], [data-form="${again}"], [data-answer="${again}"]`))?.focus();
  return true;
}

/**
 * Correct a report that could not be read: it becomes a draft again, and its sheet opens.
 * @param {Kept} one
 */
export async function correct(one) {
  const sheet = sheetOf(one.report);
  await keepDraft({ user, form: draftOf(one.report.job, sheet), values: fieldsOf(one.report) });
  await drop(one.id);
  await open(sheet);
}

/**
 * Make the buttons and sheets of the card work; `told` is called once a report is kept, `changed` once the server knows more.
 * @param {() => void} told
 * @param {() => void} changed
 */
export function useCard(told, changed) {
  useForms(told);
  usePhotos(told, changed);
  shown.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const facts = job();
    if (!button || !facts) return;
    if (button.dataset.form) void open(button.dataset.form, since);
    else if (button.dataset.answer) void tell(button, facts.job, "step_answered", { answer: { step: Number(button.dataset.answer), done: button.dataset.done === "true" } }).then(told);
    else if (button.dataset.kind) void tell(button, facts.job, button.dataset.kind).then(told);
  });
}

/**
 * Report by a button, which rests meanwhile.
 * @param {HTMLButtonElement} button
 * @param {string} number
 * @param {string} kind
 * @param {Record<string, unknown>} [more]
 */
async function tell(button, number, kind, more) {
  button.disabled = true;
  try {
    await report(number, kind, button.getAttribute("aria-label") ?? button.textContent ?? "", more);
  } finally {
    button.disabled = false;
  }
}
