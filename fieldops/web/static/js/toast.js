/** Short notes at the edge of the page: what was done, with a way to undo it, and what went wrong. */

import { Problem } from "./api.js";
import { say } from "./words.js";

const STAYS_MS = 8_000;
const ACTION_STAYS_MS = 20_000;

/**
 * Show a note; one about a failure stays until it is closed, any other for some seconds, longer with an action.
 * @param {string} text
 * @param {{kind?: "done" | "failed", action?: {name: string, run: () => void}}} [options]
 */
export function note(text, options = {}) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const toast = document.createElement("div");
  toast.className = `toast ${options.kind ?? "done"}`;
  const told = document.createElement("p");
  told.textContent = text;
  toast.append(told);
  const { action } = options;
  if (action) toast.append(button(action.name, () => (toast.remove(), action.run())));
  toast.append(button(say("close"), () => toast.remove()));
  place.append(toast);
  if (options.kind !== "failed") setTimeout(() => toast.remove(), action ? ACTION_STAYS_MS : STAYS_MS);
}

/**
 * Say what went wrong, with each thing that the server names, and the number of the request for whoever looks it up.
 * @param {unknown} error
 */
export function failed(error) {
  if (!(error instanceof Problem)) throw error;
  const { errors = [], request_id: id } = error.details;
  const lines = [error.message, ...errors.map((one) => one.detail).filter((text) => !error.message.includes(text))];
  if (id) lines.push(say("request", { id }));
  note(lines.join("\n"), { kind: "failed" });
}

/**
 * @param {string} name
 * @param {() => void} run
 */
function button(name, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = name;
  made.addEventListener("click", run);
  return made;
}
