/** Long work of the server, followed until it ends. */

import { ask } from "./api.js";

const LOOK_MS = 700;

/**
 * Follow an operation: `look` is told each time how far it is; returns how it ended.
 * @param {string} id
 * @param {(operation: any) => void} look
 * @returns {Promise<any>}
 */
export async function follow(id, look) {
  for (;;) {
    const { data } = await ask("GET", `/operations/${id}`);
    look(data);
    if (data.ended_at) return data;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Tell whether an operation ended well. @param {any} operation */
export function isDone(operation) {
  return operation.state === "done";
}

/**
 * Show on a bar how far an operation is.
 * @param {HTMLElement} bar
 * @param {{done: number, total: number}} operation
 */
export function showProgress(bar, operation) {
  if (operation.total) Object.assign(bar, { max: operation.total, value: operation.done });
  else bar.removeAttribute("value");
}
