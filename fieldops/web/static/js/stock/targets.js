/** The pages of target plans: a new plan and how far it is, lines accepted, decided otherwise and taken back. */

import { Problem, ask } from "../api.js";
import { draw } from "../chart.js";
import { follow, isDone, showProgress } from "../operations.js";
import { failed, note } from "../toast.js";
import { say as common } from "../words.js";

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("target-words")?.textContent ?? "{}");
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("target-step"));
const DONE = "target-done";

/**
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
function say(name, values = {}) {
  if (!(name in words)) return common(name, values);
  return words[name].replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/**
 * @template {HTMLElement} T
 * @param {Element} root
 * @param {string} name
 * @returns {T}
 */
function part(root, name) {
  return /** @type {T} */ (root.querySelector(`[data-part="${name}"]`));
}

/**
 * @param {string | number} amount
 * @param {number} digits
 */
function number(amount, digits) {
  return new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits }).format(Number(amount));
}

const fresh = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-plan-targets]"));
fresh?.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(/** @type {HTMLFormElement} */ (fresh)).catch(failed);
});

/** @param {HTMLFormElement} form */
async function begin(form) {
  const told = new FormData(form);
  /** @type {Record<string, unknown>} */
  const wanted = { assumed_days: Number(told.get("assumed_days")) };
  for (const name of ["region", "budget", "capital_budget", "keep_below", "goal", "order_cost", "holding_share"]) if (told.get(name)) wanted[name] = String(told.get(name));
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[data-floor]")]).filter((one) => one.value);
  wanted.floors = inputs.map((one) => ({ essentiality: one.dataset.floor || null, share: (Number(one.value) / 100).toFixed(3) }));
  const plan = await work(form, "/stock/target-plans", wanted, "failed");
  if (plan) location.assign(`/target-plans/${encodeURIComponent(plan)}`);
}

const simulation = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-simulate]"));
simulation?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (simulation);
  const told = new FormData(form);
  const wanted = { count: Number(told.get("count")), variation: Number(told.get("variation")) };
  const path = `/stock/target-plans/${encodeURIComponent(form.dataset.simulate ?? "")}/simulate`;
  void work(form, path, wanted, "not_simulated")
    .then((plan) => plan && location.reload())
    .catch(failed);
});

/**
 * Have something done beside a form, show how far it is, and tell the plan that it is of, or nothing where it failed.
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {object} wanted
 * @param {string} refused
 * @returns {Promise<string | null>}
 */
async function work(form, path, wanted, refused) {
  const { data } = await ask("POST", path, wanted, { key: crypto.randomUUID() });
  const place = /** @type {Element} */ (form.parentElement);
  const stage = part(place, "stage");
  part(place, "making").hidden = false;
  form.hidden = true;
  const stop = /** @type {HTMLButtonElement | null} */ (part(place, "cancel"));
  if (stop) {
    stop.onclick = () => {
      stop.disabled = true;
      stage.textContent = say("stopping");
      void ask("POST", `/operations/${data.id}/cancel`).catch(failed);
    };
  }
  const ended = await follow(data.id, (operation) => {
    showProgress(part(place, "progress"), operation);
    if (!stop?.disabled) stage.textContent = operation.stage ?? say("queued");
  });
  if (isDone(ended)) return ended.result.plan;
  stage.textContent = ended.text ?? say(refused);
  form.hidden = false;
  return null;
}

/** @typedef {{title: string, asks: string[], quantity?: string, look?: (values: any) => Promise<string[]>, take: (values: any) => Promise<unknown>}} Step */

/**
 * Show a step in the dialog: what it asks, what it would do, and do it.
 * @param {Step} step
 */
async function open(step) {
  if (!dialog) return;
  const form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
  const told = part(dialog, "told");
  form.reset();
  part(dialog, "title").textContent = step.title;
  for (const name of ["quantity", "reason"]) {
    part(dialog, name).hidden = !step.asks.includes(name);
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).required = step.asks.includes(name);
  }
  /** @type {HTMLInputElement} */ (form.elements.namedItem("quantity")).value = step.quantity ?? "";
  told.replaceChildren();
  part(dialog, "close").onclick = () => dialog.close();
  const look = part(dialog, "look");
  look.hidden = !step.look;
  const seen = async () => {
    tell(told, [say("looking")]);
    try {
      tell(told, (await step.look?.(values(form))) ?? []);
    } catch (error) {
      refuse(told, error);
    }
  };
  look.onclick = () => {
    if (form.reportValidity()) void seen();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    void take(step, form, told);
  };
  dialog.showModal();
  if (step.look && !step.asks.length) await seen();
}

/** @param {HTMLFormElement} form */
function values(form) {
  return Object.fromEntries(new FormData(form));
}

/**
 * @param {HTMLElement} place
 * @param {string[]} texts
 */
function tell(place, texts) {
  place.replaceChildren(
    ...texts.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }),
  );
}

/**
 * @param {HTMLElement} place
 * @param {unknown} error
 */
function refuse(place, error) {
  if (!(error instanceof Problem)) throw error;
  tell(place, [error.message, ...(error.details.errors ?? []).map((one) => `${one.field}: ${one.detail}`)]);
}

/**
 * @param {Step} step
 * @param {HTMLFormElement} form
 * @param {HTMLElement} told
 */
async function take(step, form, told) {
  try {
    await step.take(values(form));
    sessionStorage.setItem(DONE, say("done"));
    location.reload();
  } catch (error) {
    if (error instanceof Problem && error.status === 412) {
      sessionStorage.setItem(DONE, say("stale"));
      location.reload();
    } else refuse(told, error);
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} plan
 * @param {{part: string, place: string}[] | null} lines
 */
function accepting(button, plan, lines) {
  const body = lines ? { lines } : {};
  const path = `/stock/target-plans/${plan}/accept`;
  return open({
    title: button.textContent?.replace("…", "") ?? "",
    asks: [],
    look: async () => {
      const { data } = await ask("POST", `${path}/check`, body);
      if (!data.lines) return [say("nothing_open")];
      const told = [say("would_accept", { ...data, pieces: number(data.pieces, 0), costs: number(data.costs, 2) })];
      if (data.stale.length) told.push(say("stale_lines"), ...data.stale.map((/** @type {any} */ one) => `${one.part} ${one.place}`));
      return told;
    },
    take: () => ask("POST", path, body, { version: button.dataset.version, key: crypto.randomUUID() }),
  });
}

/**
 * @param {string} plan
 * @param {string} version
 * @param {string} number_
 * @param {string} place
 * @param {string} quantity
 */
function overriding(plan, version, number_, place, quantity) {
  const path = `/stock/target-plans/${plan}/lines/override`;
  const wanted = (/** @type {any} */ told) => ({ part: number_, place, quantity: told.quantity, reason: told.reason });
  return open({
    title: `${number_} · ${place}`,
    asks: ["quantity", "reason"],
    quantity,
    look: async (told) => {
      const { data } = await ask("POST", `${path}/check`, wanted(told));
      const figures = Object.fromEntries(["waits", "waits_planned", "weighted", "weighted_planned"].map((name) => [name, number(data[name], 4)]));
      const pieces = number(Number(data.quantity) - Number(data.planned), 0);
      return [say("would_override", { pieces, costs: number(data.costs, 2), currency: data.currency }), say("would_wait", figures), say("would_weigh", figures)];
    },
    take: (told) => ask("POST", path, wanted(told), { version, key: crypto.randomUUID() }),
  });
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-accept], [data-accept-chosen], [data-override], [data-take-back]"));
  if (!button) return;
  const { accept, acceptChosen, override, version, takeBack } = button.dataset;
  if (accept) void accepting(button, accept, null);
  else if (acceptChosen) {
    const chosen = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-line]:checked"));
    const lines = [...chosen].map((one) => ({ part: one.dataset.part ?? "", place: one.dataset.place ?? "" }));
    if (lines.length) void accepting(button, acceptChosen, lines);
    else note(say("nothing_open"));
  } else if (override) void overriding(override, version ?? "", button.dataset.part ?? "", button.dataset.place ?? "", button.dataset.quantity ?? "");
  else if (takeBack) {
    const take = (/** @type {any} */ told) => ask("POST", `/stock/target-acceptances/${takeBack}/undo`, { reason: told.reason }, { key: crypto.randomUUID() });
    void open({ title: button.textContent?.replace("…", "") ?? "", asks: ["reason"], take });
  }
});

document.querySelector("[data-override-form]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const told = values(form);
  void overriding(form.dataset.plan ?? "", form.dataset.version ?? "", String(told.part).trim(), String(told.place).trim(), "");
});

const done = sessionStorage.getItem(DONE);
if (done) {
  sessionStorage.removeItem(DONE);
  note(done);
}
draw();
