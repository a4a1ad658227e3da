/** Beside the board: the job that is looked at, the jobs that nobody has, filters and views that are kept. */

import { ZOOMS, axis, dayClock } from "./axis.js";
import { crewOf } from "./changes.js";
import { showEvidence } from "./evidence.js";
import { deskTime, dueText, instant, lasting, model, placeOf, say, settings, standing, waiting, pieces } from "./model.js";
import { chosen, element, filterBy, flags, icon } from "./rows.js";

/** @typedef {import("./model.js").Job} Job */

const list = /** @type {HTMLElement} */ (document.getElementById("board-waiting"));
const count = /** @type {HTMLElement} */ (document.getElementById("board-waiting-count"));
const card = /** @type {HTMLElement} */ (document.getElementById("board-job"));
const text = /** @type {HTMLInputElement} */ (document.getElementById("board-text"));
const what = /** @type {HTMLSelectElement} */ (document.getElementById("board-what"));
const views = /** @type {HTMLSelectElement} */ (document.getElementById("board-views"));
const KEPT = `fieldops-board/${settings.me}`;

/** @param {Job} job */
function isMeant(job) {
  if (what.value === "late") return standing(job) !== "good";
  return what.value === "all" || job.priority === "AOG" || (what.value === "urgent" && job.priority === "CRITICAL");
}

/** @param {string[]} parts */
function says(parts) {
  const wanted = text.value.trim().toLowerCase();
  return !wanted || parts.join(" ").toLowerCase().includes(wanted);
}

/**
 * @param {Job | null} job
 * @param {import("./model.js").Person | null} person
 */
function matches(job, person) {
  const ofPerson = person ? [person.code, person.name, person.base] : [];
  if (!job) return what.value === "all" && says(ofPerson);
  return isMeant(job) && says([...ofPerson, job.number, job.title, job.aircraft ?? "", job.place]);
}

/** Show what the filters leave. */
export function applyFilters() {
  filterBy(matches);
  drawWaiting();
}

/** Draw the list of jobs that nobody has. */
export function drawWaiting() {
  const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement.dataset.job : undefined;
  const all = waiting();
  const shown = all.filter((job) => matches(job, null));
  count.textContent = shown.length === all.length ? String(all.length) : `${shown.length} / ${all.length}`;
  list.replaceChildren(...shown.map(item));
  if (!shown.length) list.append(element("li", "note", say(all.length ? "none_match" : "none_waits")));
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-job="${CSS.escape(focused)}"]`))?.focus();
  tick();
}

/** @param {Job} job */
function item(job) {
  const line = element("li", "");
  const button = /** @type {HTMLButtonElement} */ (element("button", `job sla-${standing(job)}`));
  button.type = "button";
  button.dataset.job = job.number;
  button.classList.toggle("chosen", chosen.has(job.number));
  const head = element("span", "head");
  if (job.priority !== "ROUTINE") head.append(element("b", `badge ${job.priority.toLowerCase()}`, say(`priority_${job.priority}`)));
  head.append(element("span", "code", job.number));
  if (job.priority === "AOG" && instant(job.from).getTime() <= deskTime()) {
    const running = element("time", "clock");
    running.dataset.since = String(instant(job.from).getTime());
    head.append(running);
  }
  button.append(head, element("span", "title", job.title));
  const { zone } = placeOf(job.place);
  const due = dayClock(instant(job.due).getTime(), zone);
  button.append(element("small", "", [job.place, job.aircraft, lasting(job.lasts), say("due", { time: due })].filter(Boolean).join(" · ")));
  const why = model.reasons[job.number]?.[0];
  if (why) button.append(element("small", "why", why));
  line.append(button);
  return line;
}

/** Let the clocks run: how long an aircraft has been on ground. */
export function tick() {
  for (const one of document.querySelectorAll("time.clock")) {
    const seconds = Math.max(0, Math.floor((deskTime() - Number(/** @type {HTMLElement} */ (one).dataset.since)) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    one.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
}

/**
 * Show a job with what can be done to it; nothing without.
 * @param {Job | undefined} job
 */
export function showJob(job) {
  card.hidden = !job;
  void showEvidence(job);
  if (!job) return;
  card.dataset.job = job.number;
  const { zone, name } = placeOf(job.place);
  const title = /** @type {HTMLElement} */ (card.querySelector("h2"));
  title.replaceChildren(element("b", `badge ${job.priority.toLowerCase()}`, say(`priority_${job.priority}`)), ` ${job.number} `, element("span", "", job.title));
  /** @type {[string, string][]} */
  const facts = [
    [say("place"), `${job.place} ${name}${job.aircraft ? ` · ${job.aircraft}` : ""}`],
    [say("state"), say(`state_${job.state}`)],
    [say("due_by"), `${dayClock(instant(job.due).getTime(), zone)} ${zone}`],
    [say("duration"), lasting(job.lasts)],
  ];
  for (const piece of pieces(job)) {
    const who = model.people.get(piece.person)?.name ?? (piece.person || say("unseen_person"));
    const way = piece.travel ? ` · ${say("travel", { time: lasting(piece.travel) })}` : "";
    facts.push([piece.seats.map((seat) => say(`seat_${seat}`)).join(", "), `${who}, ${dayClock(instant(piece.start).getTime(), zone)}${way}`]);
  }
  if (job.parts) facts.push([say("parts"), job.partsAt === null ? say("parts_there") : dayClock(instant(job.partsAt).getTime(), zone)]);
  if (job.unnamed) facts.push([say("release"), say("no_data")]);
  if (job.bars.length) facts.push([say("sla"), dueText(job, Math.max(...job.bars.map((bar) => bar.end)))]);
  const told = facts.map(([label, value]) => {
    const line = element("div", "");
    line.append(element("dt", "", label), element("dd", "", value));
    return line;
  });
  /** @type {HTMLElement} */ (card.querySelector("dl")).replaceChildren(...told);
  const first = pieces(job)[0];
  const marks = (first ? flags(first) : []).map(([picture, words]) => {
    const line = element("li", picture);
    line.append(icon(picture), words);
    return line;
  });
  const why = (model.reasons[job.number] ?? []).map((reason) => element("li", "", reason));
  /** @type {HTMLElement} */ (card.querySelector("ul")).replaceChildren(...marks, ...(job.bars.length ? [] : why));
  const lock = card.querySelector("[data-do=lock]");
  if (lock) lock.textContent = say(job.locked ? "unlock" : "lock");
  for (const [name_, possible] of /** @type {[string, boolean][]} */ ([
    ["move", job.state === "planned" && !job.locked],
    ["recommend", job.state === "planned" && !job.locked && !job.bars.some((bar) => bar.given)],
    ["lock", job.state === "planned" && (crewOf(job).length > 0 || Boolean(job.locked))],
    ["out", job.state === "planned" && !job.locked && job.bars.length > 0],
  ])) {
    const button = /** @type {HTMLButtonElement | null} */ (card.querySelector(`[data-do=${name_}]`));
    if (button) button.disabled = !possible;
  }
}

/** @typedef {{text: string, what: string, hours: number, zone: string}} View */

/** @returns {Record<string, View>} */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

/** Keep how the board is looked at now, by a name; asked for again without one it is what was last. @param {string} name */
export function keepView(name) {
  const all = kept();
  all[name] = { text: text.value, what: what.value, hours: ZOOMS[axis.zoom].hours, zone: axis.zone };
  localStorage.setItem(KEPT, JSON.stringify(all));
  drawViews(name);
}

/** @param {string} name */
export function forgetView(name) {
  const all = kept();
  delete all[name];
  localStorage.setItem(KEPT, JSON.stringify(all));
  drawViews("");
}

/** @param {string} name @returns {View | undefined} */
export function useView(name) {
  const view = kept()[name];
  if (!view) return undefined;
  text.value = view.text;
  what.value = view.what;
  return view;
}

/** @param {string} current */
export function drawViews(current) {
  const names = Object.keys(kept()).sort((one, other) => one.localeCompare(other));
  views.replaceChildren(new Option(say("views"), ""), ...names.map((name) => new Option(name, name)));
  views.value = current;
}
