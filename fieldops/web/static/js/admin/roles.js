/** The table of roles and rights: tick, then save; each changed role goes in the version that it was shown in. */

import { ask, Problem } from "../api.js";
import { failed, note } from "../toast.js";
import { showStale, words } from "./forms.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("matrix"));
const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll("p.bar button"));
const status = form.querySelector("[role=status]");
const stale = /** @type {HTMLElement} */ (form.querySelector(".stale"));

/** @returns {HTMLInputElement[]} */
function changed() {
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("td input"))].filter((box) => box.checked !== box.defaultChecked);
}

function show() {
  const some = changed();
  for (const button of buttons) button.disabled = !some.length;
  for (const cell of form.querySelectorAll("td.changed")) cell.classList.remove("changed");
  for (const box of some) box.closest("td")?.classList.add("changed");
  if (status) status.textContent = some.map((box) => `${box.checked ? "+" : "−"} ${box.getAttribute("aria-label")}`).slice(0, 8).join("; ");
}

/** @param {string} role @returns {HTMLInputElement[]} */
function column(role) {
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(`td input[name="${CSS.escape(role)}"]`))];
}

/** @param {string} role */
async function save(role) {
  const head = /** @type {HTMLElement} */ (form.querySelector(`th[data-role="${CSS.escape(role)}"]`));
  const boxes = column(role);
  const permissions = boxes.filter((box) => box.checked).map((box) => box.value);
  try {
    const { version } = await ask("PUT", `/roles/${encodeURIComponent(role)}`, { permissions }, { version: head.dataset.version });
    head.dataset.version = version ?? "";
    for (const box of boxes) box.defaultChecked = box.checked;
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 412) await compare(role, head, boxes);
    else failed(error);
    return false;
  }
}

/**
 * Show what somebody else gave or took meanwhile; what is ticked here stays, the rest becomes theirs.
 * @param {string} role
 * @param {HTMLElement} head
 * @param {HTMLInputElement[]} boxes
 */
async function compare(role, head, boxes) {
  const { data, version } = await ask("GET", `/roles/${encodeURIComponent(role)}`);
  head.dataset.version = version ?? "";
  const mark = (/** @type {boolean} */ is) => (is ? "✓" : "–");
  const theirs = (/** @type {HTMLInputElement} */ box) => data.permissions.includes(box.value);
  const rows = boxes.filter((box) => box.checked !== theirs(box)).map((box) => [box.getAttribute("aria-label") ?? "", mark(theirs(box)), mark(box.checked)]);
  for (const box of boxes) {
    const touched = box.checked !== box.defaultChecked;
    const mine = box.checked;
    box.defaultChecked = theirs(box);
    box.checked = touched ? mine : theirs(box);
  }
  showStale(stale, rows);
}

form.addEventListener("change", show);
form.addEventListener("reset", () => setTimeout(show));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  stale.hidden = true;
  let all = true;
  for (const role of new Set(changed().map((box) => box.name))) all = (await save(role)) && all;
  if (all) note(words.saved);
  show();
});
show();
