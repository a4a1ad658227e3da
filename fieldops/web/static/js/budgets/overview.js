/** The tree of the money: rows that open and close, charts, news. */

import { draw } from "../chart.js";
import "../refresh.js";

/** Names of rows that are closed; the first look decides. @type {Set<string>} */
const folded = new Set();
/** Names of rows that were looked at. @type {Set<string>} */
const met = new Set();

function rows() {
  return /** @type {HTMLTableRowElement[]} */ ([...document.querySelectorAll("tr[data-depth]")]);
}

/** @param {HTMLTableRowElement} row */
function depth(row) {
  return Number(row.dataset.depth);
}

/** @param {HTMLTableRowElement} row */
function fold(row) {
  return /** @type {HTMLButtonElement | null} */ (row.querySelector("button.fold"));
}

/** Show what is not within a closed row. */
function show() {
  let closedAt = Infinity;
  /** @type {string[]} */
  const way = [];
  for (const row of rows()) {
    if (depth(row) <= closedAt) closedAt = Infinity;
    row.hidden = closedAt !== Infinity;
    way.length = depth(row);
    way.push(row.querySelector("th")?.textContent?.replace(/\s+/g, " ").trim() ?? "");
    const name = way.join("/");
    const button = fold(row);
    if (!button) continue;
    if (!met.has(name)) {
      met.add(name);
      if ("folded" in row.dataset && row.dataset.key !== decodeURIComponent(location.hash.slice(1))) folded.add(name);
    }
    row.dataset.name = name;
    const open = !folded.has(name);
    button.hidden = false;
    button.setAttribute("aria-expanded", String(open));
    if (!open && closedAt === Infinity) closedAt = depth(row);
  }
  const all = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-all]"));
  if (!all) return;
  all.hidden = !document.querySelector("button.fold");
  all.textContent = (folded.size ? all.dataset.open : all.dataset.close) ?? "";
}

/**
 * @param {HTMLTableRowElement} row
 * @param {boolean} open
 */
function set(row, open) {
  const name = row.dataset.name ?? "";
  if (open) folded.delete(name);
  else folded.add(name);
  show();
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const button = target.closest("button.fold");
  const row = /** @type {HTMLTableRowElement | null} */ (button?.closest("tr") ?? null);
  if (row) set(row, button?.getAttribute("aria-expanded") !== "true");
  else if (target.closest("[data-all]")) {
    if (folded.size) folded.clear();
    else for (const one of rows()) if (fold(one)) folded.add(one.dataset.name ?? "");
    show();
  }
});
document.addEventListener("keydown", (event) => {
  const button = /** @type {Element} */ (event.target).closest?.("button.fold");
  const row = /** @type {HTMLTableRowElement | null} */ (button?.closest("tr") ?? null);
  if (!row || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  event.preventDefault();
  set(row, event.key === "ArrowRight");
});
document.addEventListener("renewed", () => {
  show();
  draw();
});
show();
draw();
