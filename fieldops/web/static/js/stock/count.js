/** Counting: scan or type a number, then how many; or go down the list and type. Each count is kept at once. */

import { ask } from "../api.js";
import { failed, note } from "../toast.js";
import { refresh } from "./forms.js";
import "./stocktakes.js";

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("page-words")?.textContent ?? "{}");
const scan = /** @type {HTMLFormElement | null} */ (document.getElementById("scan"));
const status = document.getElementById("scanned");
const code = /** @type {HTMLInputElement | null} */ (scan?.elements.namedItem("code") ?? null);
const found = /** @type {HTMLDetailsElement | null} */ (document.getElementById("found"));
let scanning = false;

/**
 * @param {string} name
 * @param {Record<string, string>} values
 * @param {boolean} [wrong]
 */
function tell(name, values, wrong = false) {
  if (!status) return;
  status.textContent = words[name].replace(/\{(\w+)\}/g, (blank, key) => values[key] ?? blank);
  status.classList.toggle("wrong", wrong);
}

/** @returns {HTMLTableRowElement[]} */
function lines() {
  return [.../** @type {NodeListOf<HTMLTableRowElement>} */ (document.querySelectorAll("tr[data-part]"))];
}

/** @param {HTMLTableRowElement} line */
function countOf(line) {
  return /** @type {HTMLInputElement} */ (line.querySelector("input.count"));
}

/** What a line is called. @param {DOMStringMap} line */
function called({ part = "", lot = "" }) {
  return [part, lot].filter(Boolean).join(" ");
}

/** Lines that a scanned code names: a serial or lot number, a part, or both with a blank between. @param {string} text */
function named(text) {
  const wanted = text.toUpperCase();
  const fits = (/** @type {(line: DOMStringMap) => string} */ of) => lines().filter((line) => of(line.dataset).toUpperCase() === wanted);
  return [fits((line) => line.lot ?? ""), fits(called), fits((line) => line.part ?? "")].find((some) => some.length) ?? [];
}

/**
 * Keep the count of a line; tells whether that went well.
 * @param {HTMLInputElement} field
 */
async function keep(field) {
  const line = /** @type {HTMLTableRowElement} */ (field.closest("tr"));
  const quantity = field.value.trim().replace(",", ".");
  if (!quantity || !scan) return false;
  const { part, lot, condition, hold, owner } = line.dataset;
  const key = field.dataset.key;
  try {
    await ask("POST", scan.dataset.path ?? "", [{ part, lot: lot || null, condition, hold, owner, quantity }], { key: crypto.randomUUID() });
    tell("counted", { what: called(line.dataset), quantity });
    field.defaultValue = field.value;
    await refresh();
    return true;
  } catch (error) {
    failed(error);
    /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${key}"]`))?.focus();
    return false;
  }
}

scan?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = code?.value.trim() ?? "";
  if (!text || !code) return;
  const some = named(text);
  const line = some.find((one) => !one.classList.contains("done")) ?? some[0];
  if (!line) {
    tell("unknown", { code: text }, true);
    if (found) found.open = true;
    const part = /** @type {HTMLInputElement | null} */ (found?.querySelector("[name=part]"));
    if (part) part.value = text;
    code.select();
    return;
  }
  code.value = "";
  const field = countOf(line);
  line.scrollIntoView({ block: "nearest" });
  const serial = line.dataset.lot && line.dataset.lot.toUpperCase() !== "" && text.toUpperCase() !== line.dataset.part?.toUpperCase();
  if (serial && !field.value) {
    field.value = "1";
    await keep(field);
    code.focus();
    return;
  }
  scanning = true;
  tell(field.value ? "already" : "how_many", { what: called(line.dataset) });
  field.focus();
  field.select();
});

document.addEventListener("keydown", async (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.matches("input.count") && event.key === "Enter") {
    event.preventDefault();
    const at = lines().findIndex((line) => line.contains(field));
    const changed = field.value !== field.defaultValue;
    if (changed && !(await keep(field))) return;
    if (scanning) code?.focus();
    else (lines()[at + 1] ? countOf(lines()[at + 1]) : code)?.focus();
    scanning = false;
  } else if (event.key === "s" && !(field instanceof HTMLElement && field.matches("input, select, textarea")) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    code?.focus();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.matches("input.count") && field.value !== field.defaultValue && document.activeElement !== field) void keep(field);
});

found?.querySelector("form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const told = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
  try {
    await ask("POST", form.dataset.path ?? "", [{ ...told, lot: told.lot || null }], { key: crypto.randomUUID() });
    note(form.dataset.done ?? "");
    form.reset();
    await refresh();
    code?.focus();
  } catch (error) {
    failed(error);
  }
});
