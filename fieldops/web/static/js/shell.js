/** What every page has: the palette, the keyboard, menus that close, and whether the server is reached. */

import { listen } from "./live.js";
import { open as openPalette } from "./palette.js";
import { moment, say } from "./words.js";

const WITHIN_MS = 1_200;
const NEWS_MAX = 99;
const KEYS = "fieldops-keys";
let awaited = 0;

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

/** Tell whether keys without Ctrl act: whoever speaks to his machine turns them off. */
function keysAct() {
  return localStorage.getItem(KEYS) !== "off";
}

function showKeys() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isSign = event.key.length === 1 && event.key !== " ";
  // the page's own keys listen to the document, too, and later: they hear nothing of these
  if (isSign && (event.timeStamp < awaited || !keysAct())) event.stopImmediatePropagation();
  if (!isSign || !keysAct()) return;
  if (event.timeStamp < awaited) {
    awaited = 0;
    event.preventDefault();
    /** @type {HTMLAnchorElement | null} */ (document.querySelector(`nav.main a[data-key="${CSS.escape(event.key)}"]`))?.click();
  } else if (event.key === "g") {
    awaited = event.timeStamp + WITHIN_MS;
  } else if (event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (event.key === "?") {
    showKeys();
  }
});

document.querySelector("[data-keys]")?.addEventListener("click", showKeys);
const acting = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-keys-act]"));
if (acting) {
  acting.checked = keysAct();
  acting.addEventListener("change", () => localStorage.setItem(KEYS, acting.checked ? "on" : "off"));
}
// where the menu is wider than the window, the page that one is at is seen in it
const strip = document.querySelector("nav.main");
const current = /** @type {HTMLElement | null | undefined} */ (strip?.querySelector("[aria-current]"));
if (strip && current) strip.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - strip.clientWidth / 2;
for (const select of document.querySelectorAll("select[data-submits]")) {
  select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.requestSubmit());
}
const menu = document.querySelector("details.visitor");
document.addEventListener("click", (event) => {
  if (menu?.hasAttribute("open") && !menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") menu?.removeAttribute("open");
});

const user = document.querySelector('meta[name="user"]')?.getAttribute("content") ?? "";
const signout = document.querySelector('form[action="/signout"]');
signout?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (signout);
  import("./my/leaving.js").then(({ leave }) => leave(form, user)).catch(() => form.submit());
});
// pages that the device keeps are for nobody but whom it kept them for
if (![null, user].includes(localStorage.getItem("fieldops-my"))) void import("./my/leaving.js").then(({ forgetPages }) => forgetPages());

// times are told by the clock of their places; the reader's own shows when one points at them
document.addEventListener("pointerover", (event) => {
  const time = event.target instanceof Element ? event.target.closest("time[datetime]:not([title])") : null;
  const at = time?.getAttribute("datetime") ?? "";
  if (time && at.includes("T")) time.setAttribute("title", say("own_time", { at: moment(at) }));
});

const bell = /** @type {HTMLElement | null} */ (document.querySelector("a.bell"));
if (bell && !bell.hasAttribute("aria-current")) {
  listen(JSON.parse(bell.dataset.kinds ?? "[]"), ({ kind, payload }) => {
    if (kind === "operation.changed" && ["queued", "running"].includes(payload.state)) return;
    const count = Number(bell.dataset.count) + 1;
    bell.dataset.count = String(count);
    /** @type {HTMLElement} */ (bell.querySelector(".many")).hidden = false;
    /** @type {HTMLElement} */ (bell.querySelector("[data-many]")).textContent = count > NEWS_MAX ? `${NEWS_MAX}+` : String(count);
  });
}

listen([], () => undefined); // every page tells whether the server is reached
document.documentElement.dataset.ready = "";
