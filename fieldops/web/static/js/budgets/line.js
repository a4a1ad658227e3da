/** A budget line: its chart, and freezing it. */

import { ask } from "../api.js";
import { failed } from "../toast.js";
import { draw } from "../chart.js";

draw();

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-freeze]"));
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const reason = new FormData(form).get("reason");
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  try {
    await ask("POST", `/budgets/lines/${form.dataset.freeze}/freeze`, { frozen: form.dataset.frozen === "true", reason });
    location.reload();
  } catch (error) {
    button.disabled = false;
    failed(error);
  }
});
