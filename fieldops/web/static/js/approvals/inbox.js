/** The inbox of approvals: decide one or several, with a note; what others decide shows at once. */

import { ask, Problem } from "../api.js";
import { renew } from "../refresh.js";
import { failed, note } from "../toast.js";

/** @type {Record<string, string>} */
const told = JSON.parse(document.getElementById("page-words")?.textContent ?? "{}");

/**
 * @param {string} name
 * @param {Record<string, string | number>} values
 */
function say(name, values) {
  return (told[name] ?? name).replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/** @typedef {"approve" | "reject" | "withdraw"} Verdict */

/**
 * Decide about a request; returns whether it went through, and tells what did not.
 * @param {HTMLElement} card
 * @param {Verdict} verdict
 * @param {string} text
 */
async function decide(card, verdict, text) {
  const { number = "", version = "" } = card.dataset;
  try {
    const { data } = await ask("POST", `/approvals/${number}/${verdict}`, { note: text }, { version });
    note(say(data.state, { number }));
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 412) await showBoth(card);
    else failed(error);
    return false;
  }
}

/**
 * Somebody was quicker: show what the visitor read and what it is now; what was typed stays.
 * @param {HTMLElement} card
 */
async function showBoth(card) {
  const number = card.dataset.number ?? "";
  try {
    const { data } = await ask("GET", `/approvals/${number}`);
    const by = data.decided_by ?? data.seconded_by ?? "";
    const text = say("changed", { number, before: told[`state_${card.dataset.state}`] ?? "", now: told[`state_${data.state}`] ?? data.state, by });
    note(text, { kind: "failed" });
    await renew();
  } catch (error) {
    failed(error);
  }
}

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-verdict], [data-several]")) return;
  event.preventDefault();
  const submitter = /** @type {HTMLButtonElement} */ (event.submitter ?? form.querySelector("button"));
  const verdict = /** @type {Verdict} */ (submitter.value);
  const text = String(new FormData(form).get("note") ?? "");
  const own = /** @type {HTMLElement | null} */ (form.closest(".request"));
  const cards = own ? [own] : chosen();
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  let done = 0;
  for (const card of cards) if (await decide(card, verdict, text)) done += 1;
  for (const button of buttons) button.disabled = false;
  if (!own && cards.length > 1) note(say("several", { done, all: cards.length }));
  if (done === cards.length) form.reset();
  if (done) await renew();
});

function boxes() {
  return /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("[data-choose]")]);
}

function chosen() {
  return boxes()
    .filter((box) => box.checked)
    .map((box) => /** @type {HTMLElement} */ (box.closest(".request")));
}

function count() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-several]"));
  for (const box of boxes()) {
    box.hidden = false;
    box.closest(".request")?.classList.toggle("chosen", box.checked);
  }
  if (!form) return;
  const many = chosen().length;
  form.hidden = boxes().length < 2;
  const place = form.querySelector("[data-count]");
  if (place) place.textContent = say("chosen", { count: many });
  for (const button of form.querySelectorAll("button")) button.disabled = !many;
  const all = /** @type {HTMLInputElement} */ (form.querySelector("[data-choose-all]"));
  all.checked = many > 0 && many === boxes().length;
  all.indeterminate = many > 0 && many < boxes().length;
}

document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (box.matches("[data-choose-all]")) for (const one of boxes()) one.checked = box.checked;
  if (box.matches("[data-choose], [data-choose-all]")) count();
});

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".request")]);
  const at = cards.findIndex((card) => card.contains(target));
  const step = { j: 1, k: -1 }[event.key];
  if (step && cards.length) {
    event.preventDefault();
    const next = cards[Math.min(Math.max(at + step, 0), cards.length - 1)];
    next?.focus();
  } else if (event.key === "x" && at >= 0) {
    const box = /** @type {HTMLInputElement | null | undefined} */ (cards[at]?.querySelector("[data-choose]"));
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    count();
  }
});

document.addEventListener("renewed", count);
count();
