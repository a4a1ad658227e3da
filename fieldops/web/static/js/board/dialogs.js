/** Dialogs of the board: move a job to somebody, and the ways that are recommended. */

import { Problem, ask } from "../api.js";
import { failed } from "../toast.js";
import { answered, dialog, part } from "./asking.js";
import { asLocal, dayClock, fromLocal } from "./axis.js";
import { check, moveTo, resize, spotOf, take } from "./changes.js";
import { costText, data, deskTime, dueText, lasting, model, placeOf, say } from "./model.js";
import { element } from "./rows.js";

/** @typedef {import("./model.js").Job} Job */

const WAIT_MS = 250;

/**
 * Let somebody choose people, a time and a length for a job, see what that breaks and costs, and do it. Throws Problem.
 * @param {Job} job
 * @param {boolean} [longer] whether it is opened for the length
 */
export async function openMove(job, longer = false) {
  const shown = dialog("board-move");
  const { zone } = placeOf(job.place);
  const spot = spotOf(job);
  part(shown, "title").textContent = say("move_title", { job: job.number, title: job.title });
  part(shown, "zone").textContent = zone;
  const when = /** @type {HTMLInputElement} */ (part(shown, "start"));
  when.value = asLocal(spot.crew.length ? spot.start : Math.max(spot.start, soon()), zone);
  const length = /** @type {HTMLInputElement} */ (part(shown, "length"));
  length.max = String(Math.max(1440, Math.round(job.lasts / 60)));
  length.value = String(Math.round(job.lasts / 60));
  const reason = /** @type {HTMLTextAreaElement} */ (part(shown, "reason"));
  reason.value = "";
  const seats = [...new Set(spot.crew.length ? spot.crew.map((one) => one.seat) : job.seats)];
  const selects = seats.map((seat) => seatField(job, seat, spot.crew.find((one) => one.seat === seat)?.technician));
  const place = part(shown, "seats");
  place.replaceChildren(...selects.map((one) => one.label));
  const wanted = () => ({
    start: fromLocal(when.value, zone),
    crew: selects.map(({ seat, select }) => ({ seat, technician: select.value })),
  });
  // a length that is not whole minutes stays as it is until somebody types another
  const lasts = () => (Number(length.value) === Math.round(job.lasts / 60) ? job.lasts : Number(length.value) * 60);
  /** @type {AbortController | undefined} */
  let asking;
  const look = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const told = part(shown, "verdict");
    const open = selects.some(({ select }) => !select.value);
    told.replaceChildren(element("p", "note", say(open ? "choose_people" : "checking")));
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    if (signal.aborted || !when.value) return;
    try {
      showVerdict(told, job, await check(job, wanted(), signal));
      if (lasts() !== job.lasts) told.append(element("p", "soft", say("length_unchecked", { time: lasting(job.lasts) })));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      told.replaceChildren(element("p", "hard", error.message));
    }
  };
  when.oninput = length.oninput = look;
  for (const { select } of selects) select.onchange = look;
  data(`/board/barred.json?job=${encodeURIComponent(job.number)}`).then((barred) => {
    for (const { seat, select } of selects) {
      for (const option of select.options) {
        const why = barred[seat]?.[option.value];
        if (why) option.textContent = `${option.dataset.name} – ${say("may_not", { why })}`;
      }
    }
  }, failed);
  void look();
  const closed = answered(shown);
  if (longer) length.select();
  const go = (await closed) === "yes";
  asking?.abort();
  if (!go) return;
  const why = reason.value.trim() || null;
  if (lasts() === job.lasts) await moveTo(job, wanted(), { reason: why });
  else await resize(job, lasts(), { spot: wanted(), reason: why });
}

/** The next quarter of an hour. */
function soon() {
  return Math.ceil(deskTime() / 900_000) * 900_000;
}

/**
 * Return the choice of who takes a seat: who has it, or nobody yet, so that nobody is chosen unseen.
 * @param {Job} job
 * @param {string} seat
 * @param {string | undefined} sits
 */
function seatField(job, seat, sits) {
  const label = element("label", "field");
  label.append(element("span", "", say(`seat_${seat}`)));
  const select = /** @type {HTMLSelectElement} */ (element("select", ""));
  select.required = true;
  select.append(new Option(say("choose"), ""));
  const area = placeOf(job.place).area;
  for (const person of model.people.values()) {
    if (placeOf(person.base).area !== area && person.code !== sits) continue;
    const option = new Option(`${person.name} · ${person.code} · ${person.base}`, person.code);
    option.dataset.name = option.textContent ?? "";
    select.append(option);
  }
  select.value = sits ?? "";
  label.append(select);
  return { seat, label, select };
}

/**
 * Show what a move breaks, costs and moves.
 * @param {HTMLElement} place
 * @param {Job} job
 * @param {import("./changes.js").Verdict} verdict
 */
export function showVerdict(place, job, verdict) {
  const rules = verdict.rules.map((rule) => element("li", rule.hard ? "hard" : "soft", rule.text));
  const list = element("ul", "rules");
  list.append(...rules);
  const parts = [element("p", verdict.possible ? "good" : "hard", say(verdict.possible ? (rules.length ? "needs_reason" : "possible") : "impossible"))];
  if (rules.length) parts.push(list);
  if (verdict.possible) {
    const end = Math.max(...verdict.seats.map((one) => (Date.parse(one.end) - model.since) / 1000));
    parts.push(element("p", "", costText(verdict.cost)), element("p", "", dueText(job, end)));
    if (verdict.moved.length) parts.push(element("p", "", say("others_moved", { jobs: verdict.moved.map((one) => one.job).join(", ") })));
  }
  place.replaceChildren(...parts);
}

/**
 * Show the best ways to do a job, each with its price; one can be taken.
 * @param {Job} job
 */
export async function openRecommendations(job) {
  const shown = dialog("board-recommend");
  part(shown, "title").textContent = say("recommend_title", { job: job.number, title: job.title });
  const list = part(shown, "options");
  const refused = part(shown, "refused");
  refused.replaceChildren();
  list.replaceChildren(element("p", "note", say("searching")));
  const closed = answered(shown);
  try {
    const { data: told } = await ask("POST", `/jobs/${encodeURIComponent(job.number)}/recommendations`, { most: 5, displaced_max: 1 });
    const options = told.options.map((/** @type {any} */ one) => optionCard(job, one, () => {
      shown.close();
      void take(job, told.key, one.option);
    }));
    list.replaceChildren(...(options.length ? options : [element("p", "hard", say("no_way"))]));
    refused.replaceChildren(...refusals(told.refused));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    list.replaceChildren(element("p", "hard", error.message));
  }
  await closed;
}

/**
 * @param {Job} job
 * @param {any} option
 * @param {() => void} taken
 */
function optionCard(job, option, taken) {
  const { zone } = placeOf(job.place);
  const card = element("div", "option");
  const who = [...new Set(option.seats.map((/** @type {any} */ one) => one.name))].join(", ");
  const start = Math.min(...option.seats.map((/** @type {any} */ one) => Date.parse(one.start)));
  const end = Math.max(...option.seats.map((/** @type {any} */ one) => Date.parse(one.end)));
  card.append(element("strong", "", who), element("span", "", `${dayClock(start, zone)} ${zone}`));
  card.append(element("span", "", dueText(job, (end - model.since) / 1000)), element("span", "", costText(option.cost)));
  for (const one of option.displaced) card.append(element("span", "soft", say("displaced", { job: one.job })));
  for (const one of option.budget) {
    const text = one.refusal ?? (one.verdict && one.verdict.outcome !== "pass" ? say("money_waits") : "");
    if (text) card.append(element("span", "soft", text));
  }
  const button = /** @type {HTMLButtonElement} */ (element("button", "", say("take")));
  button.type = "button";
  button.setAttribute("aria-label", `${say("take")}: ${who}`);
  button.addEventListener("click", taken);
  card.append(button);
  return card;
}

/** @param {any[]} people */
function refusals(people) {
  if (!people.length) return [];
  const details = element("details", "");
  details.append(element("summary", "", say("not_these", { count: people.length })));
  const list = element("ul", "reasons");
  for (const one of people) list.append(element("li", "", `${one.name}: ${one.reasons.map((/** @type {any} */ reason) => reason.text).join("; ")}`));
  details.append(list);
  return [details];
}

