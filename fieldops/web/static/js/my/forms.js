/** What is told beside a step: opened as a sheet, kept while it is typed, read into a report. */

import { report } from "./queue.js";
import { fillIssue, fillRemoval, useCamera } from "./scan.js";
import { draft, draftOf, keepDraft } from "./store.js";
import { job, say, user } from "./words.js";
import { instant, local } from "./zoned.js";

const HOUR_MS = 3_600_000;
/** What photos.js looks after. */
const APART = new Set(["photo", "strike"]);
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/** Make the sheets of the page work; `told` is called once a report is kept. @param {() => void} told */
export function useForms(told) {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("dialog.sheet form"))) {
    const dialog = /** @type {HTMLDialogElement} */ (form.closest("dialog"));
    const kind = form.dataset.kind ?? "";
    if (APART.has(kind)) continue;
    form.addEventListener("input", () => void keepDraft({ user, form: key(form), values: values(form) }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void tell(form, dialog, kind, told);
    });
    form.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
    for (const set of /** @type {NodeListOf<HTMLFieldSetElement>} */ (form.querySelectorAll("[data-repeat]"))) {
      set.querySelector("[data-add]")?.addEventListener("click", () => addRow(set)?.focus());
    }
    useScanner(form);
  }
}

/**
 * Open a sheet, with what was typed before or else what is likely.
 * @param {string} sheet
 * @param {string | null} [since] when the work began that is not booked yet
 */
export async function open(sheet, since) {
  const dialog = document.getElementById(`form-${sheet}`);
  const form = dialog?.querySelector("form");
  if (!(dialog instanceof HTMLDialogElement) || !form) return;
  clear(form);
  const kept = await draft(user, key(form)).catch(() => undefined);
  if (kept) restore(form, kept.values);
  else suggest(form, since ?? job()?.since ?? null);
  dialog.showModal();
}

/**
 * Return what a report told as the fields of its sheet take it.
 * @param {Record<string, any>} told
 * @param {string} [path]
 * @returns {[string, string][]}
 */
export function fieldsOf(told, path = "") {
  const zone = job()?.zone ?? "UTC";
  return Object.entries(told).flatMap(([name, value]) => {
    const here = path ? `${path}.${name}` : name;
    if (value !== null && typeof value === "object") return fieldsOf(value, here);
    return [[here, /\.(start|end)$/.test(here) ? local(String(value), zone) : String(value)]];
  });
}

/** @param {HTMLFormElement} form */
function key(form) {
  return draftOf(job()?.job ?? "", form.dataset.sheet ?? "");
}

/**
 * @param {HTMLFormElement} form
 * @returns {Field[]}
 */
function fields(form) {
  return /** @type {Field[]} */ ([...form.elements].filter((one) => "name" in one && one.name && !(one instanceof HTMLFieldSetElement)));
}

/**
 * @param {HTMLFormElement} form
 * @returns {[string, string][]}
 */
function values(form) {
  return fields(form).map((one) => [one.name, one.value]);
}

/** @param {HTMLFormElement} form */
function clear(form) {
  for (const row of form.querySelectorAll(".repeated")) row.remove();
  form.reset();
  // a hidden field keeps its value through a reset
  for (const one of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=hidden]"))) one.value = one.dataset.fixed ?? "";
  for (const one of form.querySelectorAll(".wrong, .found")) one.textContent = "";
}

/**
 * @param {HTMLFormElement} form
 * @param {[string, string][]} kept
 */
function restore(form, kept) {
  for (const [name, value] of kept) {
    for (const set of /** @type {NodeListOf<HTMLFieldSetElement>} */ (form.querySelectorAll("[data-repeat]"))) {
      if (name.startsWith(`${set.dataset.repeat}.`)) while (!form.elements.namedItem(name) && addRow(set));
    }
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) field.value = value;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string | null} since
 */
function suggest(form, since) {
  const zone = job()?.zone ?? "UTC";
  const [start, end] = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-zoned]"));
  if (end) end.value = local(Date.now(), zone);
  if (start) start.value = local(form.dataset.kind === "labour" && since ? since : Date.now() - HOUR_MS, zone);
}

/**
 * Add a row to fields that repeat, and return its first field; none where there are enough.
 * @param {HTMLFieldSetElement} set
 * @returns {HTMLElement | null}
 */
function addRow(set) {
  const at = set.querySelectorAll(".repeated").length;
  const template = set.querySelector("template");
  if (!template || at >= 20) return null;
  const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  for (const field of /** @type {NodeListOf<Field>} */ (row.querySelectorAll("[name]"))) field.name = field.name.replace("#", String(at));
  const first = /** @type {HTMLElement | null} */ (row.querySelector("[name]"));
  template.before(row);
  return first;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} dialog
 * @param {string} kind
 * @param {() => void} told
 */
async function tell(form, dialog, kind, told) {
  const shown = job();
  if (!shown) return;
  const wrong = /** @type {HTMLElement} */ (form.querySelector(".wrong"));
  const [start, end] = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-zoned]"));
  wrong.textContent = start && end && start.value >= end.value ? say("back_in_time") : "";
  if (wrong.textContent) return;
  const submit = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  submit.disabled = true;
  try {
    await report(shown.job, kind, form.querySelector("h2")?.textContent ?? kind, read(form, shown.zone));
  } finally {
    submit.disabled = false;
  }
  dialog.close();
  told();
}

/**
 * Return what a form tells, by the paths that its fields are named by; times of the place as instants.
 * @param {HTMLFormElement} form
 * @param {string} zone
 * @returns {Record<string, any>}
 */
function read(form, zone) {
  /** @type {Record<string, any>} */
  const told = {};
  for (const field of fields(form)) {
    const value = field.value.trim();
    if (!value || field.name === "scanned") continue;
    const path = field.name.split(".");
    const last = /** @type {string} */ (path.pop());
    /** @type {any} */
    let place = told;
    path.forEach((step, at) => (place = place[step] ??= /^\d+$/.test(path[at + 1] ?? "") ? [] : {}));
    place[last] = "zoned" in field.dataset ? instant(value, zone) : value;
  }
  return told;
}

/** @param {HTMLFormElement} form */
function useScanner(form) {
  const field = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-scan]"));
  if (!field) return;
  const found = /** @type {HTMLElement} */ (form.querySelector(".found"));
  const scanned = () => {
    const shown = job();
    if (!field.value.trim() || !shown) return;
    if (form.dataset.kind === "part_issued") found.textContent = fillIssue(form, field.value, shown);
    else fillRemoval(form, field.value);
    void keepDraft({ user, form: key(form), values: values(form) });
  };
  field.addEventListener("change", scanned);
  // a scanner ends what it types by Enter, which must not send the form
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    scanned();
  });
  const camera = /** @type {HTMLElement | null} */ (form.querySelector(".camera"));
  if (camera) {
    useCamera(camera, (code) => {
      if (code === undefined) return void (found.textContent = say("no_code"));
      field.value = code;
      scanned();
    });
  }
}
