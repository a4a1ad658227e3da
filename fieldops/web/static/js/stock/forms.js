/** Forms that change something through the API, and parts of a page that are brought up to date as they stand. */

import { ask, Problem } from "../api.js";
import { failed, note } from "../toast.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/**
 * Send each form with `data-ask`, a path of the API, when it is submitted; its fields are the body, with the version
 * that it was shown in. What was typed stays where that is refused; where somebody was faster, the new state stands
 * beside it.
 */
export function sendForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.ask === undefined) return;
    event.preventDefault();
    const body = "empty" in form.dataset ? undefined : fieldsOf(form, event.submitter);
    const buttons = [...form.querySelectorAll("button")];
    for (const one of buttons) one.disabled = true;
    try {
      const { ask: path, version, done } = form.dataset;
      const told = await ask("POST", path, body, { version, key: crypto.randomUUID() });
      if (form.dataset.go) return void location.assign(form.dataset.go.replace("{number}", told.data.number));
      note(done ?? "");
      form.reset();
      form.closest("details")?.removeAttribute("open");
      await refresh();
    } catch (error) {
      if (error instanceof Problem && error.status === 412) await refresh();
      failed(error);
    } finally {
      for (const one of buttons) one.disabled = false;
    }
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
function fieldsOf(form, submitter) {
  /** @type {Record<string, unknown>} */
  const body = {};
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value !== "string" || !value.trim()) continue;
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.dataset.line !== undefined) {
      const lines = /** @type {object[]} */ (body.lines ??= []);
      lines.push({ line: Number(field.dataset.line), quantity: value.trim() });
    } else if (field instanceof HTMLInputElement && field.dataset.list !== undefined) body[name] = value.split(/[\s,;]+/).filter(Boolean);
    else if (field instanceof HTMLInputElement && field.type === "datetime-local") body[name] = `${value}Z`; // the form says UTC
    else body[name] = value.trim();
  }
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=checkbox][name]"))) body[box.name] = box.checked;
  for (const yes of ["granted", "apply"]) if (body[yes] !== undefined) body[yes] = body[yes] === "true";
  return body;
}

/** Bring the parts with `data-live` up to date; what somebody types there stays, and so does the focus. */
export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    const typed = new Map([...fields(part)].filter(([, field]) => isTyped(field)).map(([key, field]) => [key, field.value]));
    const focused = [...fields(part)].find(([, field]) => field === document.activeElement)?.[0];
    part.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    for (const [key, field] of fields(part)) {
      const kept = typed.get(key);
      if (kept !== undefined) field.value = kept;
      if (key === focused) field.focus();
    }
  }
}

/** @param {Field} field */
function isTyped(field) {
  return !(field instanceof HTMLSelectElement) && field.type !== "hidden" && field.value !== field.defaultValue;
}

/**
 * The fields of a part, each by what it belongs to and its name.
 * @param {Element} part
 * @returns {Generator<[string, Field]>}
 */
function* fields(part) {
  for (const field of /** @type {NodeListOf<Field>} */ (part.querySelectorAll("input, select, textarea"))) {
    yield [`${field.form?.dataset.ask ?? ""} ${field.dataset.key ?? ""} ${field.name}`, field];
  }
}

/** Call once after the last of several calls in a row. @param {() => void} run */
export function soon(run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(run, 200);
  };
}
