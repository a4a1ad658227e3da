/** The rows of the board and the bars in them. */

import { axis, clock, dayClock, draw, left, secondsAt } from "./axis.js";
import { deskTime, instant, lasting, model, pieces, placeOf, say, standing } from "./model.js";

/** @typedef {import("./model.js").Piece} Piece */
/** @typedef {import("./model.js").Person} Person */

export const grid = /** @type {HTMLElement} */ (document.getElementById("board-grid"));
const rowsPlace = /** @type {HTMLElement} */ (document.getElementById("board-rows"));
const ticks = /** @type {HTMLElement} */ (document.getElementById("board-ticks"));
/** @type {Map<string, HTMLElement>} */
const rows = new Map();
/** Numbers of the jobs that are chosen. */
export const chosen = /** @type {Set<string>} */ (new Set());
/** @type {(job: import("./model.js").Job | null, person: Person | null) => boolean} */
let matches = () => true;

/** @param {typeof matches} wanted */
export function filterBy(wanted) {
  matches = wanted;
  drawRows(rows.keys());
}

/** @param {string} code */
export function rowOf(code) {
  return rows.get(code);
}

/** The rows in their order, those that are shown. */
export function shownRows() {
  return [...rows.values()].filter((row) => !row.hidden);
}

/**
 * @param {string} job
 * @param {string} [person]
 * @returns {HTMLElement | null}
 */
export function barOf(job, person) {
  const whose = person === undefined ? "" : `[data-person="${CSS.escape(person)}"]`;
  return rowsPlace.querySelector(`button.bar[data-job="${CSS.escape(job)}"]${whose}`);
}

/** @param {HTMLElement} bar */
export function pieceOf(bar) {
  const job = model.jobs.get(bar.dataset.job ?? "");
  return job && pieces(job).find((piece) => piece.person === bar.dataset.person);
}

/**
 * @param {string} tag
 * @param {string} name
 * @param {string} [text]
 */
export function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Draw the axis and a row for everybody; the filters fill them. */
export function drawFrame() {
  rows.clear();
  const everybody = [...model.people.values()];
  const parts = document.createDocumentFragment();
  let area = "";
  let group = parts.appendChild(element("div", ""));
  for (const person of everybody) {
    const place = placeOf(person.base);
    if (place.area !== area || !group.hasChildNodes()) {
      area = place.area;
      group = parts.appendChild(areaGroup(area));
    }
    group.append(row(person.code, person));
  }
  group = parts.appendChild(areaGroup(say("elsewhere")));
  group.append(row("", null));
  for (const empty of [...parts.children]) if (!empty.hasChildNodes()) empty.remove();
  rowsPlace.replaceChildren(parts);
  drawAxis();
}

/** Set the scale and draw the axis. */
export function drawAxis() {
  grid.style.setProperty("--hour", `${axis.hourPx}px`);
  grid.style.setProperty("--span", String((model.until - model.since) / 3_600_000));
  drawLines();
  drawNow();
}

/** From when to when the axis has its lines, in seconds. */
let lined = [0, 0];

function drawLines() {
  const [from, seen] = [secondsAt(grid.scrollLeft), secondsAt(grid.clientWidth)];
  lined = [from - seen, from + 2 * seen];
  draw(ticks, lined[0], lined[1]);
}

grid.addEventListener("scroll", () => {
  const from = secondsAt(grid.scrollLeft);
  if (from < lined[0] || from + secondsAt(grid.clientWidth) > lined[1]) drawLines();
});

/** Show what time it is. */
export function drawNow() {
  const at = (deskTime() - model.since) / 3_600_000;
  grid.style.setProperty("--now", String(at));
  grid.classList.toggle("now-seen", at >= 0 && deskTime() < model.until);
}

/** @param {string} name */
function areaGroup(name) {
  const group = element("div", "area");
  group.setAttribute("role", "rowgroup");
  const head = group.appendChild(element("div", "area-row"));
  head.setAttribute("role", "row");
  const title = head.appendChild(element("div", "area-name", name));
  title.setAttribute("role", "rowheader");
  return group;
}

/**
 * @param {string} code
 * @param {Person | null} person
 */
function row(code, person) {
  const made = element("div", "person");
  made.setAttribute("role", "row");
  made.dataset.person = code;
  const who = made.appendChild(element("div", "who"));
  who.setAttribute("role", "rowheader");
  who.append(element("strong", "", person ? person.name : say("unseen_person")));
  if (person) who.append(element("span", "", `${code} · ${person.base}`));
  const lane = made.appendChild(element("div", "lane"));
  lane.setAttribute("role", "gridcell");
  rows.set(code, made);
  return made;
}

/** @type {Map<string, Piece[]> | null} */
let byPerson = null;

/** @param {string} code */
function ofPerson(code) {
  if (!byPerson) {
    byPerson = new Map();
    for (const job of model.jobs.values()) {
      for (const piece of pieces(job)) {
        const key = model.people.has(piece.person) ? piece.person : "";
        const known = byPerson.get(key);
        if (known) known.push(piece);
        else byPerson.set(key, [piece]);
      }
    }
    for (const list of byPerson.values()) list.sort((one, other) => one.start - other.start);
  }
  return byPerson.get(code) ?? [];
}

/**
 * Draw the rows of some people again.
 * @param {Iterable<string>} codes
 */
export function drawRows(codes) {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.closest("button.bar") : null;
  const held = focused instanceof HTMLElement ? { ...focused.dataset } : null;
  byPerson = null;
  for (const code of new Set([...codes].map((one) => (model.people.has(one) ? one : "")))) drawRow(code);
  byPerson = null;
  const again = held ? barOf(held.job ?? "", held.person) ?? barOf(held.job ?? "") : null;
  rove(again);
  if (held) again?.focus({ preventScroll: true });
}

/** @param {string} code */
function drawRow(code) {
  const place = rows.get(code);
  if (!place) return;
  const person = model.people.get(code) ?? null;
  const all = ofPerson(code);
  const mine = all.filter((piece) => matches(piece.job, person));
  place.hidden = !mine.length && !(person && matches(null, person));
  if (!person) /** @type {HTMLElement} */ (place.parentElement).hidden = place.hidden;
  const lane = /** @type {HTMLElement} */ (place.querySelector(".lane"));
  const levels = stacked(mine);
  place.style.setProperty("--levels", String(Math.max(1, ...levels.map((level) => level + 1))));
  lane.replaceChildren(...background(person), ...mine.flatMap((piece, at) => drawn(piece, levels[at])));
  if (!mine.length) lane.append(element("span", "free", say("free")));
}

/** Return the level of each piece, so that none covers another. @param {Piece[]} all */
function stacked(all) {
  /** @type {number[]} */
  const ends = [];
  return all.map((piece) => {
    let level = ends.findIndex((end) => end <= piece.start);
    if (level < 0) level = ends.length;
    ends[level] = piece.end;
    return level;
  });
}

/** @param {Person | null} person */
function background(person) {
  if (!person) return [];
  const spans = (/** @type {string} */ name, /** @type {any[][]} */ list) => list.map(([start, end, kind]) => placed(element("i", name, kind ? say(`absence_${kind}`) : ""), start, end));
  return [...spans("duty", person.duties), ...spans("standby", person.standby), ...spans("away", person.away)];
}

/**
 * @template {HTMLElement} T
 * @param {T} made
 * @param {number} start
 * @param {number} end
 */
export function placed(made, start, end) {
  made.style.setProperty("--at", (start / 3600).toFixed(4));
  made.style.setProperty("--for", ((end - start) / 3600).toFixed(4));
  return made;
}

/**
 * @param {Piece} piece
 * @param {number} level
 */
function drawn(piece, level) {
  const { job } = piece;
  const bar = /** @type {HTMLButtonElement} */ (placed(element("button", `bar ${job.priority.toLowerCase()} sla-${standing(job)}`), piece.start, piece.end));
  bar.type = "button";
  bar.tabIndex = -1;
  bar.dataset.job = job.number;
  bar.dataset.person = piece.person;
  bar.style.setProperty("--level", String(level));
  bar.classList.toggle("given", piece.given);
  bar.classList.toggle("begun", job.state !== "planned");
  bar.classList.toggle("chosen", chosen.has(job.number));
  if (job.priority === "AOG") bar.append(element("b", "", "AOG"));
  for (const [name] of flags(piece)) bar.append(icon(name));
  bar.append(element("span", "when", `${clock(instant(piece.start).getTime(), placeOf(job.place).zone)}–${clock(instant(piece.end).getTime(), placeOf(job.place).zone)} `));
  bar.append(element("span", "label", `${job.number} ${job.title}`), element("span", "hidden", spoken(piece)));
  if (!piece.travel) return [bar];
  const way = placed(element("i", "travel"), piece.start - piece.travel, piece.start);
  way.style.setProperty("--level", String(level));
  return [way, bar];
}

/**
 * Return what is to be seen at once of a piece: [icon, text].
 * @param {Piece} piece
 * @returns {string[][]}
 */
export function flags(piece) {
  const { job } = piece;
  const found = [];
  if (job.locked) found.push(["lock", say("locked_by", { name: job.locked })]);
  if (piece.held) found.push(["money", say("money_waits")]);
  if (job.partsAt !== null && job.partsAt > startOfWork(job)) found.push(["part", say("parts_late")]);
  if (job.unsigned.length) found.push(["pen", say("nobody_signs", { seats: job.unsigned.map((seat) => say(`seat_${seat}`)).join(", ") })]);
  if (standing(job) === "late") found.push(["late", say("late_by", { time: lasting(Math.max(...job.bars.map((bar) => bar.end)) - job.due) })]);
  return found;
}

/** @param {import("./model.js").Job} job */
function startOfWork(job) {
  return Math.min(...job.bars.map((bar) => bar.start));
}

/** @param {string} name */
export function icon(name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("class", `icon ${name}`);
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/board-icons.svg#${name}`);
  made.append(use);
  return made;
}

/** @param {Piece} piece */
function spoken(piece) {
  const { job } = piece;
  const { zone } = placeOf(job.place);
  const start = dayClock(instant(piece.start).getTime(), zone);
  const end = clock(instant(piece.end).getTime(), zone);
  const priority = job.priority === "CRITICAL" ? [say("priority_CRITICAL")] : [];
  return ["", ...priority, `${start}–${end} ${zone}`, ...flags(piece).map(([, text]) => text)].join(", ");
}

/**
 * Have one bar take the focus when it comes to the board by Tab.
 * @param {HTMLElement | null} bar
 */
export function rove(bar) {
  for (const one of rowsPlace.querySelectorAll('button.bar[tabindex="0"]')) /** @type {HTMLElement} */ (one).tabIndex = -1;
  const first = bar ?? rowsPlace.querySelector("button.bar");
  if (first instanceof HTMLElement) first.tabIndex = 0;
}

/** Show which jobs are chosen. */
export function drawChosen() {
  for (const bar of rowsPlace.querySelectorAll("button.bar")) {
    const one = /** @type {HTMLElement} */ (bar);
    one.classList.toggle("chosen", chosen.has(one.dataset.job ?? ""));
  }
}

/**
 * Bring an instant into sight.
 * @param {number} seconds
 */
export function scrollToTime(seconds) {
  grid.scrollLeft = Math.max(0, left(seconds) - grid.clientWidth * 0.1);
}
