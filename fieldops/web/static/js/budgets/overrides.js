/** The review of overrides: what was found is written down, as somebody else than who let it pass. */

import { ask, Problem } from "../api.js";
import { failed } from "../toast.js";

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const card = /** @type {HTMLElement | null} */ (form.closest("[data-override]"));
  if (!card || !("finding" in form.dataset)) return;
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  try {
    await ask("POST", `/budgets/overrides/${card.dataset.override}/review`, { finding: new FormData(form).get("finding") }, { version: card.dataset.version });
    location.reload();
  } catch (error) {
    button.disabled = false;
    if (error instanceof Problem && error.status === 412) await showCurrent(card);
    failed(error);
  }
});

/**
 * Show what somebody else wrote meanwhile beside what is typed.
 * @param {HTMLElement} card
 */
async function showCurrent(card) {
  const { data, version } = await ask("GET", `/budgets/overrides/${card.dataset.override}`);
  const place = /** @type {HTMLElement} */ (card.querySelector(".stale"));
  place.textContent = `${data.reviewed_by ?? ""}: ${data.finding ?? ""}`;
  place.hidden = false;
  card.dataset.version = version ?? card.dataset.version;
}
