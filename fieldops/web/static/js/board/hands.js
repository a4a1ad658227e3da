/** Hands on the board: bars dragged and made longer with the mouse, and everything by the keyboard. */

import { Problem } from "../api.js";
import { failed, note } from "../toast.js";
import { axis, grain, left, secondsAt } from "./axis.js";
import { check, crewWith, moveTo, resize, spotOf } from "./changes.js";
import { showVerdict } from "./dialogs.js";
import { goAlong, moveTogether } from "./group.js";
import { data, instant, model, pieces, placeOf, say, startOf } from "./model.js";
import { barOf, element, grid, pieceOf, placed, rowOf, rove, shownRows } from "./rows.js";

/**
 * @typedef {import("./model.js").Job} Job
 * @typedef {{job: Job, from: string | null, person: string, start: number, length: number, offset: number}} Held what is moved: from whose row, and where it is now
 */

const FAR_PX = 4;
const EDGE_PX = 8;
const WAIT_MS = 120;
const ghost = element("div", "ghost");
const told = element("div", "verdict card");
told.setAttribute("role", "status");
told.hidden = true;
document.body.append(told);

/** @type {Held | null} */
let held = null;
/** @type {Record<string, Record<string, string>>} */
let barred = {};
/** @type {AbortController | undefined} */
let asking;
/** @type {{key: string, possible: boolean, text: string} | null} */
let known = null;

/** What is held by the keyboard, so that others leave it its keys. */
export function isHolding() {
  return held !== null;
}

/**
 * Return why somebody may not take a job at all; "" where nothing is known against it.
 * @param {Held} what
 * @param {string} person
 */
function whyNot(what, person) {
  if (person === what.from) return "";
  const base = model.people.get(person)?.base;
  if (base === undefined) return say("unseen_person");
  if (placeOf(base).area !== placeOf(what.job.place).area) return say("other_area");
  const asked = what.from === null ? what.job.seats : what.job.bars.filter((bar) => bar.person === what.from).map((bar) => bar.seat);
  const against = [...new Set(asked)].map((seat) => barred[seat]?.[person] ?? "");
  return what.from === null && against.some((one) => !one) ? "" : against.find((one) => one) ?? "";
}

/** @param {Held} what */
function wanted(what) {
  return { start: instant(what.start - what.offset).getTime(), crew: crewWith(what.job, what.from, what.person) };
}

/**
 * Take up a job: rows of who may not have it say why.
 * @param {Job} job
 * @param {string | null} from
 */
function takeUp(job, from) {
  const piece = from === null ? undefined : pieces(job).find((one) => one.person === from);
  const start = piece?.start ?? job.from;
  held = { job, from, person: from ?? "", start, length: piece ? piece.end - piece.start : job.lasts, offset: start - (job.bars.length ? startOf(job) : start) };
  barred = {};
  known = null;
  const mine = held;
  data(`/board/barred.json?job=${encodeURIComponent(job.number)}`).then((found) => {
    if (held !== mine) return;
    barred = found;
    markRows();
  }, failed);
  markRows();
  grid.classList.add("moving");
}

function markRows() {
  for (const row of shownRows()) {
    const why = held ? whyNot(held, row.dataset.person ?? "") : "";
    row.classList.toggle("barred", Boolean(why));
    row.querySelector(".why")?.remove();
    if (why) row.querySelector(".lane")?.append(element("span", "why", why));
  }
}

/** Put the ghost where what is held would go, and ask what that means. @param {{x: number, y: number}} [at] */
function show(at) {
  if (!held) return;
  const lane = rowOf(held.person)?.querySelector(".lane");
  if (!lane) return;
  placed(ghost, held.start, held.start + held.length);
  const along = goAlong(held.job).length;
  ghost.textContent = along ? `${held.job.number} +${along}` : held.job.number;
  lane.append(ghost);
  told.hidden = false;
  const box = ghost.getBoundingClientRect();
  const [x, y] = at ? [at.x + 16, at.y + 20] : [box.left, box.bottom + 6];
  told.style.left = `${Math.max(8, Math.min(x, innerWidth - 340))}px`;
  told.style.top = `${Math.min(y, innerHeight - 170)}px`;
  const why = whyNot(held, held.person);
  ghost.classList.toggle("refused", Boolean(why));
  if (why) {
    asking?.abort();
    known = null;
    told.replaceChildren(element("p", "hard", say("impossible")), element("p", "", why));
    return;
  }
  void judge(held);
}

/** @param {Held} what */
function keyOf(what) {
  return `${what.job.number}/${what.person}/${what.start}`;
}

/** @param {Held} what */
async function judge(what) {
  const key = keyOf(what);
  if (known?.key === key) return;
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  known = null;
  told.replaceChildren(element("p", "note", say("checking")));
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  if (signal.aborted) return;
  try {
    const verdict = await check(what.job, wanted(what), signal);
    if (signal.aborted || held !== what) return;
    const hard = verdict.rules.filter((rule) => rule.hard).map((rule) => rule.text);
    known = { key, possible: verdict.possible, text: hard.join("\n") };
    ghost.classList.toggle("refused", !verdict.possible);
    showVerdict(told, what.job, verdict);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Problem)) throw error;
    known = { key, possible: false, text: error.message };
    ghost.classList.add("refused");
    told.replaceChildren(element("p", "hard", error.message));
  }
}

/** Leave what is held where it was. */
export function letGo() {
  held = null;
  asking?.abort();
  ghost.remove();
  told.hidden = true;
  markRows();
  grid.classList.remove("moving");
}

/** Drop what is held where it is: a rule that forbids it is told, and nothing changes. */
async function drop() {
  if (!held) return;
  const what = held;
  const spot = spotOf(what.job);
  const why = whyNot(what, what.person) || (known?.key === keyOf(what) && !known.possible ? known.text : "");
  letGo();
  const by = (wanted(what).start - spot.start) / 1000;
  if (what.from === what.person && !by && spot.crew.length) return;
  if (why) {
    note(say("refused", { job: what.job.number, why }), { kind: "failed" });
    return;
  }
  const others = goAlong(what.job);
  if (others.length) await moveTogether([what.job, ...others], by, what.from, what.person);
  else await moveTo(model.jobs.get(what.job.number) ?? what.job, wanted(what)).catch(failed);
  const bar = barOf(what.job.number, what.person);
  rove(bar);
  bar?.focus({ preventScroll: true });
}

/**
 * Follow the pointer from a press on a bar, or on a job that waits.
 * @param {PointerEvent} press
 * @param {HTMLElement} source
 */
export function grab(press, source) {
  const job = model.jobs.get(source.dataset.job ?? "");
  if (!job || press.button !== 0 || held) return;
  const from = source.dataset.person ?? null;
  const piece = from === null ? null : pieceOf(source);
  const box = source.getBoundingClientRect();
  const within = from === null ? 0 : secondsAt(press.clientX - box.left);
  const longer = piece && pieces(job).length === 1 && press.clientX > box.right - EDGE_PX && box.width > 3 * EDGE_PX;
  let far = false;
  let lasts = job.lasts;
  const move = (/** @type {PointerEvent} */ event) => {
    if (!far && Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < FAR_PX) return;
    if (!far) {
      far = true;
      if (!longer) takeUp(job, from);
      source.classList.add("lifted");
    }
    event.preventDefault();
    const lane = rowAt(event.clientY)?.querySelector(".lane");
    if (!lane) return;
    const at = secondsAt(event.clientX - lane.getBoundingClientRect().left);
    if (longer && piece) {
      lasts = Math.max(grain(), snapped(at - piece.start));
      source.style.setProperty("--for", (lasts / 3600).toFixed(4));
    } else if (held) {
      held.person = rowAt(event.clientY)?.dataset.person ?? held.person;
      held.start = Math.max(0, snapped(at - within));
      show({ x: event.clientX, y: event.clientY });
    }
  };
  const end = (/** @type {Event} */ event) => {
    for (const [name, heard] of heardOf) document.removeEventListener(name, /** @type {EventListener} */ (heard), true);
    source.classList.remove("lifted");
    if (!far) return;
    swallowClick();
    if (event.type !== "pointerup") return letGo();
    (longer ? resize(job, lasts) : drop()).catch(failed);
  };
  const escape = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && end(event);
  const heardOf = /** @type {[string, Function][]} */ ([["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", escape]]);
  for (const [name, heard] of heardOf) document.addEventListener(name, /** @type {EventListener} */ (heard), true);
}

/** A drag ends with a click where it began, which means nothing. */
function swallowClick() {
  const swallow = (/** @type {Event} */ click) => click.stopPropagation();
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
}

/** @param {number} seconds */
function snapped(seconds) {
  return Math.round(seconds / grain()) * grain();
}

/** @param {number} y @returns {HTMLElement | undefined} */
function rowAt(y) {
  return shownRows().find((row) => {
    const box = row.getBoundingClientRect();
    return box.top <= y && y < box.bottom;
  });
}

/**
 * Move what is focused by one step of the keyboard: along the time, or to the row above or below.
 * @param {HTMLElement} source
 * @param {string} key
 * @param {boolean} far
 */
export function step(source, key, far) {
  const job = model.jobs.get(source.dataset.job ?? "");
  if (!held && job) takeUp(job, source.dataset.person ?? null);
  const what = held;
  if (!what) return;
  what.person ||= shownRows()[0]?.dataset.person ?? "";
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (along) what.start = Math.max(0, what.start + along * (far ? 3600 : grain()));
  const across = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (across) {
    const rows = shownRows();
    const at = rows.findIndex((row) => row.dataset.person === what.person) + across;
    what.person = rows[Math.max(0, Math.min(at, rows.length - 1))]?.dataset.person ?? what.person;
  }
  keepInSight();
  show();
}

function keepInSight() {
  if (!held) return;
  const x = left(held.start);
  const room = grid.clientWidth - 240;
  if (x < grid.scrollLeft || x > grid.scrollLeft + room) grid.scrollLeft = x - room / 3;
  rowOf(held.person)?.scrollIntoView({ block: "nearest" });
}

/**
 * What a key does while something is held: drop it or leave it; true where it was for us.
 * @param {string} key
 */
export function keyWhileHolding(key) {
  if (!held) return false;
  if (key === "Enter") drop().catch(failed);
  else if (key === "Escape") letGo();
  else return false;
  return true;
}

/**
 * Go from bar to bar: to the next in the row, or to the nearest in time of the rows above or below.
 * @param {HTMLElement} bar
 * @param {string} key
 */
export function walk(bar, key) {
  const row = bar.closest(".person");
  const mine = [...(row?.querySelectorAll("button.bar") ?? [])];
  const at = mine.indexOf(bar);
  const next = { ArrowLeft: mine[at - 1], ArrowRight: mine[at + 1], Home: mine[0], End: mine.at(-1) }[key];
  if (key === "ArrowUp" || key === "ArrowDown") {
    const rows = shownRows();
    const by = key === "ArrowUp" ? -1 : 1;
    const start = pieceOf(bar)?.start ?? 0;
    for (let now = rows.indexOf(/** @type {HTMLElement} */ (row)) + by; rows[now]; now += by) {
      const bars = /** @type {HTMLElement[]} */ ([...rows[now].querySelectorAll("button.bar")]);
      if (!bars.length) continue;
      return focus(bars.reduce((one, other) => (Math.abs((pieceOf(one)?.start ?? 0) - start) <= Math.abs((pieceOf(other)?.start ?? 0) - start) ? one : other)));
    }
  }
  if (next instanceof HTMLElement) focus(next);
}

/** @param {HTMLElement} bar */
export function focus(bar) {
  rove(bar);
  bar.focus({ preventScroll: true });
  bar.closest(".person")?.scrollIntoView({ block: "nearest" });
  const x = left(pieceOf(bar)?.start ?? 0);
  if (x < grid.scrollLeft || x > grid.scrollLeft + grid.clientWidth - 300) grid.scrollLeft = Math.max(0, x - axis.hourPx);
}
