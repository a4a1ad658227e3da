/** The checklist on the card of a job: what is answered, also by what waits to be sent, and what stands open. */

import { job, say } from "./words.js";

/** @typedef {import("./store.js").Kept} Kept */
/** @typedef {import("./words.js").CheckStep} CheckStep */

const COMPLETING = ["finish", "inspect", "release", "close_advisory"];
const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));

/**
 * Show what waiting answers make of the steps, and let nothing be completed while a mandatory one is open.
 * @param {Kept[]} waiting
 */
export function overlayChecklist(waiting) {
  const steps = job()?.checklist ?? [];
  const settled = new Map(steps.map((one) => [one.number, one.settled]));
  for (const badge of /** @type {NodeListOf<HTMLElement>} */ (shown.querySelectorAll("[data-step] .waits"))) badge.hidden = true;
  for (const { report } of waiting) {
    const number = Number(report.answer?.step ?? (report.kind === "photo" ? report.step : 0));
    const step = steps.find((one) => one.number === number);
    if (!step) continue;
    settled.set(number, report.kind === "photo" || settles(step, report.answer));
    const badge = /** @type {HTMLElement | null} */ (shown.querySelector(`[data-step="${number}"] .waits`));
    if (!badge) continue;
    badge.hidden = false;
    badge.textContent = say(report.answer?.done === false ? "opened" : "answered");
  }
  const open = steps.filter((one) => one.mandatory && !settled.get(one.number));
  let held = false;
  for (const kind of COMPLETING) {
    const button = /** @type {HTMLButtonElement | null} */ (shown.querySelector(`[data-kind="${kind}"]`));
    if (!button) continue;
    button.disabled = open.length > 0;
    held ||= open.length > 0 && !button.hidden;
  }
  const told = document.getElementById("open-steps");
  if (!told) return;
  told.hidden = !held;
  told.textContent = held ? say("steps_open", { steps: open.map((one) => `${one.number} ${one.called}`).join("; ") }) : "";
}

/**
 * Tell whether an answer leaves nothing to do, as the server judges it.
 * @param {CheckStep} step
 * @param {Record<string, any>} answer
 */
function settles(step, answer) {
  if (answer.done === false) return false;
  if (step.kind !== "measure") return true;
  const value = Number(answer.value);
  return (step.lowest === null || Number(step.lowest) <= value) && (step.highest === null || value <= Number(step.highest));
}
