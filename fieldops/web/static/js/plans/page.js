/** The pages of plans: charts, steps, a new plan and how far it is. */

import { ask } from "../api.js";
import { draw } from "../chart.js";
import { follow, isDone, showProgress } from "../operations.js";
import "../refresh.js";
import { failed } from "../toast.js";
import { part, say } from "./parts.js";
import { openStep } from "./steps.js";

const fresh = /** @type {HTMLDialogElement | null} */ (document.getElementById("plan-new"));
const making = /** @type {HTMLElement | null} */ (document.querySelector("[data-operation]"));

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-step], [data-new-plan], [data-close]"));
  if (!button) return;
  if (button.dataset.step) void openStep(button);
  else if ("newPlan" in button.dataset) fresh?.showModal();
  else button.closest("dialog")?.close();
});

fresh?.querySelector("form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(/** @type {HTMLFormElement} */ (event.target));
});

/** @param {HTMLFormElement} form */
async function begin(form) {
  const told = new FormData(form);
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  button.disabled = true;
  try {
    const wanted = Object.fromEntries(["seconds", "freeze_minutes"].filter((name) => told.get(name)).map((name) => [name, Number(told.get(name))]));
    const region = told.get("region");
    const { data } = await ask("POST", "/plans/dispatch", region ? { ...wanted, region } : wanted, { key: crypto.randomUUID() });
    location.assign(`/plans/making/${data.id}`);
  } catch (error) {
    failed(error);
  } finally {
    button.disabled = false;
  }
}

/** @param {HTMLElement} place */
async function watch(place) {
  const id = place.dataset.operation ?? "";
  const stop = /** @type {HTMLButtonElement | null} */ (part(place, "cancel"));
  if (stop) {
    stop.onclick = () => {
      stop.disabled = true;
      part(place, "stage").textContent = say("stopping");
      void ask("POST", `/operations/${id}/cancel`).catch(failed);
    };
  }
  try {
    const ended = await follow(id, (operation) => {
      showProgress(part(place, "progress"), operation);
      if (!stop?.disabled) part(place, "stage").textContent = operation.stage ?? say("queued");
      const best = operation.incumbent;
      if (best && "assigned" in best) part(place, "found").textContent = say("found", best);
    });
    conclude(place, ended);
  } catch (error) {
    failed(error);
  }
}

/**
 * @param {HTMLElement} place
 * @param {any} operation
 */
function conclude(place, operation) {
  const stop = part(place, "cancel");
  if (stop) stop.hidden = true;
  part(place, "progress").hidden = part(place, "leave").hidden = true;
  const plan = isDone(operation) ? operation.result?.plan : null;
  if (plan) return location.replace(`/plans/compare?plan=${encodeURIComponent(plan)}`);
  part(place, "stage").textContent = isDone(operation) ? say("unchanged") : (operation.text ?? say("failed"));
}

draw();
if (making) void watch(making);
