/** Forms of administration: sent to the API with the version they show; a stale one shows both versions, typed text stays. */

import { ask, Problem } from "../api.js";
import { refresh } from "../stock/forms.js";
import { failed, note } from "../toast.js";

/** @type {Record<string, string>} */
export const words = JSON.parse(document.getElementById("page-words")?.textContent ?? "{}");
const LENGTH = 20;
const LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.ask === undefined) return;
  event.preventDefault();
  void send(form);
});

/** @param {HTMLFormElement} form */
async function send(form) {
  const buttons = [...form.querySelectorAll("button")];
  try {
    const body = "empty" in form.dataset ? undefined : bodyOf(form);
    for (const one of buttons) one.disabled = true;
    const { ask: path = "", method = "POST", version } = form.dataset;
    const { data } = await ask(method, path, body, { version, key: method === "POST" ? crypto.randomUUID() : undefined });
    await kept(form, data);
  } catch (error) {
    if (error instanceof NotJson) note(error.message, { kind: "failed" });
    else if (error instanceof Problem && error.status === 412) await compare(form);
    else failed(error);
  } finally {
    for (const one of buttons) one.disabled = false;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {any} data what the API answered
 */
async function kept(form, data) {
  const { go, once, done } = form.dataset;
  if (go) return void location.assign(go.replace("{name}", encodeURIComponent(data.name)).replace("{id}", encodeURIComponent(data.id)));
  if (once) showOnce(form, data[once]);
  else note(done ?? words.saved);
  hide(form);
  if (once || "reset" in form.dataset) {
    form.reset();
    form.closest("details")?.removeAttribute("open");
  }
  const fresh = await currentPage();
  // several forms may change the same record, each in the version that it shows
  for (const one of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-version]"))) {
    const next = fresh?.getElementById(one.id);
    if (next instanceof HTMLFormElement && (one === form || same(one, next))) one.dataset.version = next.dataset.version;
    if (one === form && next instanceof HTMLFormElement) adopt(one, next);
  }
  await refresh();
}

/** What stands in the form is what the server keeps from now on. @param {HTMLFormElement} form @param {HTMLFormElement} fresh */
function adopt(form, fresh) {
  for (const [at, field] of fields(form).entries()) {
    const next = fields(fresh)[at];
    if (!next) continue;
    if (field instanceof HTMLInputElement && next instanceof HTMLInputElement) {
      field.defaultChecked = field.checked = next.defaultChecked;
      if (field.type !== "checkbox") field.value = field.defaultValue = next.defaultValue;
    } else if (!(field instanceof HTMLSelectElement)) field.value = field.defaultValue = next.value;
  }
}

/** Tell whether a form still shows what the server has. @param {HTMLFormElement} form @param {HTMLFormElement} fresh */
function same(form, fresh) {
  return fields(form).every((field, at) => defaultOf(field) === defaultOf(fields(fresh)[at]));
}

/** @param {Field | undefined} field */
function defaultOf(field) {
  if (field instanceof HTMLInputElement) return `${field.defaultValue}/${field.defaultChecked}`;
  if (field instanceof HTMLSelectElement) return [...field.options].find((one) => one.defaultSelected)?.value ?? "";
  return field?.defaultValue ?? "";
}

/** Show what is in force now beside what is typed; saved again, the typed wins. @param {HTMLFormElement} form */
async function compare(form) {
  const fresh = (await currentPage())?.getElementById(form.id);
  const place = form.querySelector(".stale");
  if (!(fresh instanceof HTMLFormElement) || !(place instanceof HTMLElement)) return note(words.stale, { kind: "failed" });
  const theirs = told(fresh);
  const rows = [...told(form)].filter(([label, typed]) => typed !== theirs.get(label)).map(([label, typed]) => [label, theirs.get(label) ?? "", typed]);
  showStale(place, rows);
  form.dataset.version = fresh.dataset.version;
}

/**
 * @param {HTMLElement} place
 * @param {string[][]} rows label, in force, typed
 */
export function showStale(place, rows) {
  const text = document.createElement("p");
  text.textContent = words.stale;
  const table = document.createElement("table");
  for (const [at, row] of [[words.field, words.theirs, words.yours], ...rows].entries()) {
    const line = table.insertRow();
    for (const [column, cell] of row.entries()) {
      const made = document.createElement(at && column ? "td" : "th");
      if (made.tagName === "TH") made.setAttribute("scope", at ? "row" : "col");
      made.textContent = cell || words.none;
      line.append(made);
    }
  }
  place.replaceChildren(text, table);
  place.hidden = false;
  place.focus();
}

/** @param {HTMLFormElement} form */
function hide(form) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".stale"))) place.hidden = true;
}

/** What a form says, by the labels of its fields; boxes of one group together. @param {HTMLFormElement} form */
function told(form) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const field of fields(form)) {
    if (field.type === "hidden") continue;
    const group = field.type === "checkbox" && field.closest("fieldset")?.querySelector("legend")?.textContent?.trim();
    const label = labelOf(field);
    if (group) found.set(group, [found.get(group), /** @type {HTMLInputElement} */ (field).checked ? label : ""].filter(Boolean).join(", "));
    else if (field instanceof HTMLInputElement && field.type === "checkbox") found.set(label, field.checked ? "✓" : "–");
    else found.set(label, field instanceof HTMLSelectElement ? (field.selectedOptions[0]?.textContent?.trim() ?? "") : field.value.trim());
  }
  return found;
}

/** @param {Field} field */
function labelOf(field) {
  const own = [...(field.labels?.[0]?.childNodes ?? field.closest("label")?.childNodes ?? [])];
  return own.filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent?.trim()).filter(Boolean).join(" ") || field.name;
}

/** @param {HTMLFormElement} form @returns {Field[]} */
function fields(form) {
  return [.../** @type {NodeListOf<Field>} */ (form.querySelectorAll("input, select, textarea"))];
}

async function currentPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

class NotJson extends Error {}

/** @param {HTMLFormElement} form */
function bodyOf(form) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const field of fields(form)) {
    const { name, dataset } = field;
    const text = field.value.trim();
    const checked = field instanceof HTMLInputElement && field.checked;
    if (!name || ("changed" in dataset && field instanceof HTMLInputElement && text === field.defaultValue)) continue;
    if ("flag" in dataset) body[name] = checked;
    else if ("set" in dataset) {
      if (checked) (body[name] ??= []).push(text);
      else if (!("null" in dataset)) body[name] ??= [];
    } else if (dataset.member !== undefined) {
      const codes = field.type === "checkbox" ? (checked ? [text] : []) : text.split(/[\s,;]+/).filter(Boolean);
      body[name] = [...(body[name] ?? []), ...codes.map((code) => ({ kind: dataset.member, code: code || null }))];
    } else if ("list" in dataset) body[name] = text.split(/[\s,;]+/).filter(Boolean);
    else if ("json" in dataset) body[name] = objectOf(text, field.getAttribute("placeholder") ?? "{}");
    else if (field.type === "number") body[name] = Number(text);
    else if (text || !("null" in dataset)) body[name] = field.type === "password" ? field.value : text;
    else body[name] = null;
  }
  return body;
}

/**
 * @param {string} text
 * @param {string} example
 */
function objectOf(text, example) {
  try {
    const found = JSON.parse(text || "{}");
    if (found && typeof found === "object" && !Array.isArray(found)) return found;
  } catch {
    // said below
  }
  throw new NotJson(words.not_json.replace("{example}", example));
}

/**
 * Show a secret that nobody can read again.
 * @param {HTMLFormElement} form
 * @param {string} secret
 */
function showOnce(form, secret) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("once"));
  const field = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
  /** @type {HTMLElement} */ (dialog.querySelector("h2")).textContent = form.dataset.onceTitle ?? "";
  /** @type {HTMLElement} */ (dialog.querySelector("p.note")).textContent = form.dataset.onceNote ?? "";
  field.value = secret;
  dialog.showModal();
  field.select();
}

document.getElementById("once")?.addEventListener("close", (event) => {
  /** @type {HTMLInputElement} */ (/** @type {Element} */ (event.target).querySelector("input")).value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target;
  if (!(button instanceof HTMLButtonElement)) return;
  if ("copy" in button.dataset) {
    const field = /** @type {HTMLInputElement} */ (button.parentElement?.querySelector("input"));
    field.select();
    void navigator.clipboard.writeText(field.value).then(() => note(words.copied));
  } else if ("make" in button.dataset) {
    const field = /** @type {HTMLInputElement} */ (button.form?.elements.namedItem("password"));
    field.type = "text";
    field.value = madeUp();
    field.select();
  }
});

function madeUp() {
  // 56 letters do not divide 2³², by less than one in seventy million
  return Array.from(crypto.getRandomValues(new Uint32Array(LENGTH)), (one) => LETTERS[one % LETTERS.length]).join("");
}
