/** A run of the planner: how far it is, what the plan does otherwise and whom that touches, before it is published. */

import { Problem, ask } from "../api.js";
import { note } from "../toast.js";
import { answered, dialog, part } from "./asking.js";
import { money, say, settings } from "./model.js";
import { element } from "./rows.js";

const LOOK_MS = 700;
const shown = dialog("board-plan");
/** @type {{operation: string} | null} */
let running = null;
/** @type {{plan: string, version: string} | null} */
let proposed = null;

/** Open the dialog; a run that was left goes on meanwhile. */
export async function openPlanRun() {
  if (shown.open) return;
  if (!running && !proposed) begin();
  const by = await answered(shown);
  if (by === "publish" && proposed) await publish(proposed);
  else if (by === "drop") proposed = null;
}

function begin() {
  show("start");
  part(shown, "go").onclick = () => void run();
}

/** @param {"start" | "run" | "result"} stage */
function show(stage) {
  for (const name of ["start", "run", "result"]) part(shown, name).hidden = name !== stage;
  part(shown, "publish").hidden = part(shown, "drop").hidden = stage !== "result" || !proposed;
}

async function run() {
  const seconds = Number(/** @type {HTMLInputElement} */ (part(shown, "seconds")).value) || 20;
  const stop = part(shown, "cancel");
  try {
    const { data } = await ask("POST", "/plans/dispatch", { seconds, ...(settings.region ? { region: settings.region } : {}) }, { key: crypto.randomUUID() });
    running = { operation: data.id };
    stop.onclick = () => void ask("POST", `/operations/${data.id}/cancel`).catch(told);
    show("run");
    await follow(data.id);
  } catch (error) {
    told(error);
  } finally {
    running = null;
  }
}

/** @param {unknown} error */
function told(error) {
  if (!(error instanceof Problem)) throw error;
  result([element("p", "hard", error.message)]);
}

/** @param {HTMLElement[]} parts */
function result(parts) {
  part(shown, "difference").replaceChildren(...parts);
  show("result");
}

/** @param {string} operation */
async function follow(operation) {
  const bar = /** @type {HTMLProgressElement} */ (part(shown, "progress"));
  for (;;) {
    const { data } = await ask("GET", `/operations/${operation}`);
    if (data.total) Object.assign(bar, { max: data.total, value: data.done });
    else bar.removeAttribute("value");
    part(shown, "stage").textContent = data.stage ?? say("queued");
    if (data.ended_at) return ended(data);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** @param {any} operation */
async function ended(operation) {
  if (operation.state !== "done") return result([element("p", "hard", operation.text ?? say("plan_failed"))]);
  const plan = operation.result.plan;
  const [{ data: told_ }, { version }] = await Promise.all([ask("GET", `/plans/${plan}/difference`), ask("GET", `/plans/${plan}`)]);
  proposed = { plan, version: version ?? "" };
  result(difference(told_));
  if (!shown.open) note(say("plan_ready", { plan }), { action: { name: say("look"), run: () => void openPlanRun() } });
}

/** @param {any} told_ */
function difference(told_) {
  const currency = told_.cost.currency;
  const saved = Number(told_.cost.total) - Number(told_.cost_before.total);
  const head = element("p", "", say("difference", { unchanged: told_.unchanged, other: told_.other_technician, moved: told_.moved, added: told_.added, out: told_.left_out }));
  const cost = element("p", "", say("difference_cost", { cost: money(saved, currency) }));
  const people = new Set(told_.jobs.flatMap((/** @type {any} */ job) => [...job.crew_before, ...job.crew].map((one) => one.technician)));
  const touched = element("p", "", say("touches", { people: [...people].sort().join(", ") || say("nobody") }));
  const list = element("ul", "reasons");
  for (const job of told_.jobs) list.append(element("li", "", `${job.job}: ${crew(job.crew_before)} → ${crew(job.crew)}`));
  return [head, cost, touched, list];
}

/** @param {{technician: string, start: string}[]} seats */
function crew(seats) {
  return seats.map((one) => `${one.technician} ${one.start.slice(5, 16).replace("T", " ")}`).join(", ") || say("nobody");
}

/** @param {{plan: string, version: string}} one */
async function publish(one) {
  try {
    await ask("POST", `/plans/${one.plan}/publish`, undefined, { version: one.version, key: crypto.randomUUID() });
    proposed = null;
    note(say("published", { plan: one.plan }));
  } catch (error) {
    proposed = null;
    if (!(error instanceof Problem)) throw error;
    const named = (error.details.errors ?? []).map((each) => each.detail);
    note([error.message, ...named].join("\n"), { kind: "failed" });
  }
}
