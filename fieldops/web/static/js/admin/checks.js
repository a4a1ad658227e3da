/** Reading everything takes a while: the button says so, and is not pressed twice. */

import { words } from "./forms.js";

const form = document.querySelector("form[data-busy]");
form?.addEventListener("submit", () => {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const status = form.querySelector("[role=status]");
  if (status) status.textContent = words.checking;
  setTimeout(() => (button.disabled = true));
});
// a page that the browser kept is as it was before
addEventListener("pageshow", (event) => event.persisted && location.reload());
