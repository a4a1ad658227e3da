/** The command palette: type a number, a name or a page, and go there. A combobox as the ARIA practices describe it. */

import { say } from "./words.js";

/** @typedef {{kind: string, number: string, name: string, path: string}} Found */

const WAIT_MS = 120;
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));
const field = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
const list = /** @type {HTMLElement} */ (document.getElementById("palette-found"));
/** @type {AbortController | undefined} */
let asking;
let chosen = 0;

export function open(text = "") {
  if (dialog.open) return;
  dialog.showModal();
  field.value = text;
  void look();
}

/** @returns {Found[]} */
function pages() {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("nav.main a"));
  return [...links].map((link) => ({ kind: say("go_to"), number: "", name: link.textContent ?? "", path: link.getAttribute("href") ?? "/" }));
}

async function look() {
  const text = field.value.trim();
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const named = pages().filter((page) => page.name.toLowerCase().includes(text.toLowerCase()));
  show(named);
  if (!text) return;
  try {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    if (signal.aborted) return;
    const answer = await fetch(`/search.json?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "application/json" } });
    if (answer.ok) show([...named, ...(await answer.json())]);
  } catch (error) {
    if (!signal.aborted) show(named);
  }
}

/** @param {Found[]} found */
function show(found) {
  const options = found.map((one, at) => {
    const option = document.createElement(one.path ? "a" : "div");
    if (option instanceof HTMLAnchorElement) option.href = one.path;
    option.id = `palette-${at}`;
    option.setAttribute("role", "option");
    option.tabIndex = -1;
    for (const [name, text] of [["kind", one.kind], ["code", one.number], ["text", one.name]]) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      option.append(part);
    }
    return option;
  });
  if (!options.length) {
    const none = document.createElement("p");
    none.textContent = say("nothing_found");
    list.replaceChildren(none);
  } else {
    list.replaceChildren(...options);
  }
  choose(0);
}

/** @param {number} at */
function choose(at) {
  const options = [...list.querySelectorAll("[role=option]")];
  chosen = options.length ? (at + options.length) % options.length : 0;
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === chosen)));
  const current = options[chosen];
  if (current) {
    field.setAttribute("aria-activedescendant", current.id);
    current.scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

field.addEventListener("input", () => void look());
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter") {
    event.preventDefault();
    const current = list.querySelectorAll("[role=option]")[chosen];
    if (current instanceof HTMLAnchorElement) location.assign(current.href);
    else if (field.value.trim()) location.assign(`/search?q=${encodeURIComponent(field.value.trim())}`);
  }
});
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
