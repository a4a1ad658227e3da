/** Who decides in one's stead: name somebody for some days, end it early. */

import { ask } from "../api.js";
import { failed } from "../toast.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-substitute]"));
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
  await done(() => ask("POST", "/substitutions", Object.fromEntries(new FormData(form)), { key }));
});

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-end]"));
  if (button) await done(() => ask("POST", `/substitutions/${button.dataset.end}/end`));
});

/** @param {() => Promise<unknown>} change */
async function done(change) {
  try {
    await change();
    location.reload();
  } catch (error) {
    failed(error);
  }
}
