/** Small things that the scripts of plans share. */

import { say as common } from "../words.js";

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("plan-words")?.textContent ?? "{}");

/**
 * Return a text of the page, or of every page, with its blanks filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function say(name, values = {}) {
  if (!(name in words)) return common(name, values);
  return words[name].replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/** What a code is called. @param {string} code */
export function called(code) {
  return words[`word_${code}`] ?? code;
}

/**
 * @template {HTMLElement} T
 * @param {Element} root
 * @param {string} name
 * @returns {T}
 */
export function part(root, name) {
  return /** @type {T} */ (root.querySelector(`[data-part="${name}"]`));
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [kind] its class
 */
export function element(tag, text, kind = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

/**
 * @param {string[]} texts
 * @param {string} [kind]
 */
export function list(texts, kind = "reasons") {
  const made = element("ul", "", kind);
  made.append(...texts.map((text) => element("li", text)));
  return made;
}

/** @param {string | number} amount */
export function money(amount) {
  return new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(Number(amount));
}
