/** A step of a plan: first what it would do or what stands against it, then the step. */

import { Problem, ask } from "../api.js";
import { failed, note } from "../toast.js";
import { called, element, list, money, part, say } from "./parts.js";

const DONE = { publish: "published", withdraw: "withdrawn", undo: "undone" };

/** @typedef {{plan: string, step: "publish" | "withdraw" | "undo", version: string}} Step */

/** @param {HTMLElement} button */
export async function openStep(button) {
  const step = /** @type {Step} */ ({ plan: button.dataset.plan, step: button.dataset.step, version: button.dataset.version });
  const shown = /** @type {HTMLDialogElement} */ (document.getElementById("plan-step"));
  const go = /** @type {HTMLButtonElement} */ (part(shown, "go"));
  part(shown, "title").textContent = say(`${step.step}_title`, { plan: step.plan });
  part(shown, "told").replaceChildren(element("p", say("looking"), "note"));
  go.hidden = true;
  go.textContent = say(step.step);
  go.onclick = () => void take(shown, step);
  if (!shown.open) shown.showModal();
  try {
    const { data } = await ask("POST", `/plans/${step.plan}/check`, { step: step.step });
    part(shown, "told").replaceChildren(...(data.possible ? foreseen(data) : refused(data.text, data.obstacles)));
    go.hidden = !data.possible;
    if (data.possible) go.focus();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    part(shown, "told").replaceChildren(...refused(error.message, []));
  }
}

/**
 * @param {string} text
 * @param {{what: string, text: string}[]} obstacles
 */
function refused(text, obstacles) {
  const head = element("p", say("impossible"), "refused");
  if (!obstacles.length) return [head, element("p", text)];
  const named = element("ul", "", "reasons");
  for (const one of obstacles) {
    const row = element("li", one.text);
    const [kind, ...name] = one.what.split(".");
    const path = { job: "/board?job=", part: "/parts/" }[kind];
    if (path) {
      const link = /** @type {HTMLAnchorElement} */ (element("a", name.join(".")));
      link.href = path + encodeURIComponent(name.join("."));
      row.append(" ", link);
    }
    named.append(row);
  }
  return [head, named];
}

/** @param {any} told */
function foreseen(told) {
  if (told.step === "withdraw") return [element("p", say("withdraw_told"))];
  const plans = Object.entries(told.in_force).map(([region, plan]) => `${region} ${plan}`);
  const shown = [element("p", say("in_force_then", { plans: plans.join(", ") }))];
  if (told.held.length) {
    shown.push(element("h3", `${say("held_title")} (${told.held.length})`));
    shown.push(list(told.held.map((/** @type {any} */ one) => `${one.document} ${called(one.priority)}: ${say("held_line", { ...one, amount: money(one.amount), shortfall: money(one.shortfall), line: lineOf(one), role: called(one.approver_role) })}`)));
  } else shown.push(element("p", say("held_none")));
  if (told.lines.length) {
    shown.push(element("h3", say("lines_title")));
    shown.push(list(told.lines.map((/** @type {any} */ one) => say("line_change", { line: lineOf(one), before: money(one.reserved_before), after: money(one.reserved), available: money(one.available), currency: one.currency }))));
  } else shown.push(element("p", say("lines_none")));
  return shown;
}

/** @param {{region: string, category: string}} line */
function lineOf(line) {
  return `${line.region} ${called(line.category)}`;
}

/**
 * @param {HTMLDialogElement} shown
 * @param {Step} step
 */
async function take(shown, step) {
  const go = /** @type {HTMLButtonElement} */ (part(shown, "go"));
  go.disabled = true;
  try {
    await ask("POST", `/plans/${step.plan}/${step.step}`, undefined, { version: step.version, key: crypto.randomUUID() });
    shown.close();
    sessionStorage.setItem("plan-done", say(DONE[step.step], { plan: step.plan }));
    location.reload();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 412) {
      shown.close();
      sessionStorage.setItem("plan-done", say("stale"));
      location.reload();
      return;
    }
    go.hidden = true;
    const named = (error.details.errors ?? []).map((one) => ({ what: one.field, text: one.detail }));
    part(shown, "told").replaceChildren(...refused(error.message, named));
    if (error.status === 0) failed(error);
  } finally {
    go.disabled = false;
  }
}

const done = sessionStorage.getItem("plan-done");
if (done) {
  sessionStorage.removeItem("plan-done");
  note(done);
}
