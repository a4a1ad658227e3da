/** Questions that a change asks before it is done: why, and whether still, when somebody else was faster. */

import { say } from "./model.js";
import { element } from "./rows.js";

/**
 * @template {HTMLElement} T
 * @param {HTMLElement} root
 * @param {string} name
 * @returns {T}
 */
export function part(root, name) {
  return /** @type {T} */ (root.querySelector(`[data-part="${name}"]`));
}

/** @param {string} id @returns {HTMLDialogElement} */
export function dialog(id) {
  return /** @type {HTMLDialogElement} */ (document.getElementById(id));
}

/**
 * Open a dialog, and return by which button it was closed, "" for Escape.
 * @param {HTMLDialogElement} shown
 * @returns {Promise<string>}
 */
export function answered(shown) {
  shown.returnValue = "";
  shown.showModal();
  return new Promise((resolve) => shown.addEventListener("close", () => resolve(shown.returnValue), { once: true }));
}

/**
 * Ask why something is done that a rule warns of; null for not doing it.
 * @param {string} text
 * @param {{field: string, detail: string}[]} rules
 * @param {string} typed
 * @returns {Promise<string | null>}
 */
export async function askReason(text, rules, typed) {
  const shown = dialog("board-reason");
  part(shown, "text").textContent = text;
  part(shown, "rules").replaceChildren(...rules.map((one) => element("li", "", one.detail)));
  const field = /** @type {HTMLTextAreaElement} */ (part(shown, "reason"));
  field.value = typed;
  return (await answered(shown)) === "yes" ? field.value.trim() : null;
}

/**
 * Show how somebody else changed a job and what is wanted here; true to do it all the same.
 * @param {string} number
 * @param {string} theirs
 * @param {string} mine
 */
export async function askStale(number, theirs, mine) {
  const shown = dialog("board-stale");
  part(shown, "title").textContent = say("stale_title", { job: number });
  part(shown, "theirs").textContent = theirs;
  part(shown, "mine").textContent = mine;
  return (await answered(shown)) === "yes";
}
