/** The board comes to life: what is shown first, what keys and clicks do, and what others change. */

import { listen } from "../live.js";
import { failed } from "../toast.js";
import { ZOOMS, axis, secondsAt, zoomOf } from "./axis.js";
import { onChange, refresh, takeOut, toggleLock } from "./changes.js";
import { openMove, openRecommendations } from "./dialogs.js";
import { grab, isHolding, keyWhileHolding, letGo, step, walk } from "./hands.js";
import { deskTime, load, model, placeOf, say, settings, startOf } from "./model.js";
import { openPlanRun } from "./planrun.js";
import { barOf, chosen, drawFrame, drawAxis, drawChosen, drawNow, element, grid, rove, scrollToTime } from "./rows.js";
import { applyFilters, drawViews, drawWaiting, forgetView, keepView, showJob, tick, useView } from "./side.js";
import { showDaysBy, undo } from "./undo.js";

const FLASH_MS = 6_000;
const GATHER_MS = 500;
const zooms = /** @type {HTMLSelectElement} */ (document.getElementById("board-zoom"));
const zones = /** @type {HTMLSelectElement} */ (document.getElementById("board-zone"));
const views = /** @type {HTMLSelectElement} */ (document.getElementById("board-views"));
const card = /** @type {HTMLElement} */ (document.getElementById("board-job"));
const sideList = /** @type {HTMLElement} */ (document.getElementById("board-waiting"));

/** The map's script, once it is wanted. @type {typeof import("./map.js") | undefined} */
let map;

/** Read the jobs anew, of other days or of longer than before, and show them. @param {Parameters<typeof load>[0]} [span] */
async function reload(span) {
  await load(span);
  const focused = jobAt(document.activeElement)?.dataset;
  drawFrame();
  applyFilters();
  if (focused?.job) barOf(focused.job, focused.person)?.focus({ preventScroll: true });
  showJob(model.jobs.get(card.dataset.job ?? ""));
}

/** @param {number} zoom */
async function zoomTo(zoom) {
  const middle = secondsAt(grid.scrollLeft) + (axis.hourPx ? secondsAt(grid.clientWidth * 0.1) : 0);
  axis.zoom = Math.max(0, Math.min(zoom, ZOOMS.length - 1));
  scale();
  drawAxis();
  scrollToTime(middle);
  const longest = ZOOMS[axis.zoom].hours * 3_600_000;
  if (!model.columns.job || model.until - model.since >= longest) return;
  await reload({ longest });
  scrollToTime(middle);
}

function scale() {
  const { hours } = ZOOMS[axis.zoom];
  zooms.value = String(hours);
  axis.hourPx = Math.max(2, (grid.clientWidth - 190) / hours);
}

/** @param {string} zone */
function showZone(zone) {
  if ([...zones.options].some((one) => one.value === zone)) axis.zone = zone;
  zones.value = axis.zone;
  drawAxis();
}

function offerZones() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const person of model.people.values()) {
    const { zone } = placeOf(person.base);
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  const known = [...counts].sort((one, other) => other[1] - one[1]).map(([zone]) => zone);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = [...new Set([...known, own, "UTC"])];
  zones.replaceChildren(...all.map((zone) => new Option(zone === own ? say("own_zone", { zone }) : zone, zone)));
  axis.zone = known[0] ?? "UTC";
  zones.value = axis.zone;
}

/**
 * Choose a job, alone or with those that are chosen already.
 * @param {string} number
 * @param {boolean} more
 */
function choose(number, more) {
  if (!more) chosen.clear();
  if (more && chosen.has(number)) chosen.delete(number);
  else chosen.add(number);
  drawChosen();
  for (const one of sideList.querySelectorAll("button.job")) one.classList.toggle("chosen", chosen.has(/** @type {HTMLElement} */ (one).dataset.job ?? ""));
  showJob(model.jobs.get(chosen.has(number) ? number : [...chosen][0] ?? ""));
}

/** The jobs that are meant: those chosen, with the one in focus. @param {HTMLElement | null} at */
function meant(at) {
  const focused = at?.dataset.job ?? card.dataset.job ?? "";
  const numbers = chosen.has(focused) ? [...chosen] : [focused];
  return numbers.map((number) => model.jobs.get(number)).filter((job) => job !== undefined);
}

/**
 * @param {string} name
 * @param {HTMLElement | null} at
 */
async function act(name, at) {
  const jobs = meant(at);
  if (!settings.moves || !jobs.length) return;
  if (name === "move" || name === "length") await openMove(jobs[0], name === "length");
  else if (name === "recommend") await openRecommendations(jobs[0]);
  else for (const job of jobs) await (name === "lock" ? toggleLock(job) : takeOut(job)).catch(failed);
  showJob(model.jobs.get(jobs[0].number));
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function jobAt(target) {
  return target instanceof Element ? target.closest("button[data-job]") : null;
}

document.addEventListener("pointerdown", (event) => {
  const at = jobAt(event.target);
  if (!at || !settings.moves || event.pointerType === "touch") return;
  const job = model.jobs.get(at.dataset.job ?? "");
  if (job?.state === "planned" && !job.locked) grab(event, at);
});

document.addEventListener("click", (event) => {
  const at = jobAt(event.target);
  if (at) {
    choose(at.dataset.job ?? "", event.shiftKey || event.ctrlKey || event.metaKey);
    map?.lookAt(at.dataset.person);
    if (grid.contains(at)) rove(at);
  }
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-do]")) : null;
  if (button) command(button.dataset.do ?? "").catch(failed);
});

/** @param {string} name */
async function command(name) {
  if (name === "undo") await undo();
  else if (name === "plan") await openPlanRun();
  else if (name === "map") await (map ??= await import("./map.js")).toggle();
  else if (name === "now") scrollToTime((deskTime() - model.since) / 1000);
  else if (name === "earlier" || name === "later") await shift(name === "later" ? 7 : -7);
  else if (name === "keep-view") {
    const field = /** @type {HTMLInputElement} */ (document.getElementById("board-view-name"));
    if (field.value.trim()) keepView(field.value.trim());
    field.closest("details")?.removeAttribute("open");
  } else if (name === "forget-view") forgetView(views.value);
  else if (name === "close-job") (showJob(undefined), delete card.dataset.job);
  else await act(name, null);
}

/** Show other days, once they are known. @param {number} days */
async function shift(days) {
  if (isHolding()) letGo();
  await reload({ days });
  scrollToTime(0);
}

showDaysBy((since) => shift((since - model.since) / 86_400_000));

const LETTERS = /** @type {Record<string, string>} */ ({ d: "length", l: "lock", m: "move", r: "recommend", u: "out" });

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (document.querySelector("dialog[open]") || (target && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) || event.ctrlKey || event.metaKey) return;
  if (isHolding() && keyWhileHolding(event.key)) return event.preventDefault();
  const at = jobAt(target);
  const arrow = event.key.startsWith("Arrow");
  if (at && arrow && event.altKey && settings.moves) {
    const job = model.jobs.get(at.dataset.job ?? "");
    event.preventDefault();
    if (job?.state === "planned" && !job.locked) step(at, event.key, event.shiftKey);
  } else if (at && (arrow || event.key === "Home" || event.key === "End") && !event.altKey && grid.contains(at)) {
    event.preventDefault();
    walk(at, event.key);
  } else if (event.altKey) return;
  else if (at && event.key === "Enter") {
    event.preventDefault();
    choose(at.dataset.job ?? "", chosen.has(at.dataset.job ?? "") && chosen.size > 1);
    act("move", at).catch(failed);
  } else if (at && event.key === " ") {
    event.preventDefault();
    choose(at.dataset.job ?? "", true);
  } else if (LETTERS[event.key]) {
    event.preventDefault(); // else the letter is typed into the field of the dialog that it opens
    act(LETTERS[event.key], at).catch(failed);
  } else if (event.key === "z") void undo();
  else if (event.key === "n") command("now").catch(failed);
  else if (event.key === "+" || event.key === "-") zoomTo(axis.zoom + (event.key === "+" ? -1 : 1)).catch(failed);
});

zooms.addEventListener("change", () => void zoomTo(zoomOf(Number(zooms.value))).catch(failed));
zones.addEventListener("change", () => showZone(zones.value));
for (const id of ["board-text", "board-what"]) document.getElementById(id)?.addEventListener("input", applyFilters);
views.addEventListener("change", () => {
  const view = useView(views.value);
  if (!view) return;
  applyFilters();
  showZone(view.zone);
  zoomTo(zoomOf(view.hours)).catch(failed);
});
addEventListener("resize", () => void zoomTo(axis.zoom).catch(failed));

/** @type {Map<string, string>} */
const heard = new Map();
let waits = false;
let isStale = false;
let isReloading = false;

/** Read the whole board anew, once for all that comes within a moment. */
async function reloadSoon() {
  isStale = true;
  if (isReloading) return;
  isReloading = true;
  while (isStale) {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    isStale = false;
    await reload().catch(failed);
  }
  isReloading = false;
}

/** Read again what somebody changed, once for all that comes together. */
function catchUp() {
  waits = false;
  const changed = new Map(heard);
  heard.clear();
  refresh(changed.keys()).then(() => {
    for (const [number, by] of changed) if (by && by !== settings.me) tell(number, by);
  }, failed);
}

/** Say who changed a job, at the job. @param {string} number @param {string} by */
function tell(number, by) {
  for (const bar of [barOf(number), sideList.querySelector(`[data-job="${CSS.escape(number)}"]`)]) {
    if (!bar) continue;
    bar.classList.add("changed");
    const tag = element("span", "by", by);
    bar.append(tag);
    setTimeout(() => (tag.remove(), bar.classList.remove("changed")), FLASH_MS);
  }
  const place = document.getElementById("board-news");
  if (place) place.textContent = say("changed_by", { job: number, name: by });
}

listen(["job.changed", "job.placed", "job.added", "job.assigned", "job.unassigned", "job.dispatched", "plan.changed"], ({ payload }) => {
  const numbers = payload.what ?? (payload.document ? [payload.document] : []);
  if (payload.count > numbers.length || numbers.length > 40) return void reloadSoon();
  for (const number of numbers) heard.set(number, payload.by ?? heard.get(number) ?? "");
  if (!waits && numbers.length) setTimeout(catchUp, 10);
  waits ||= numbers.length > 0;
});
listen(["plan.in_force", "technician.changed", "technician.added", "workforce.absent"], () => void reloadSoon());
addEventListener("online", () => void reloadSoon());

onChange(() => {
  drawWaiting();
  const number = card.dataset.job;
  if (number && !card.hidden) showJob(model.jobs.get(number));
});

async function begin() {
  await load();
  offerZones();
  scale();
  drawFrame();
  applyFilters();
  drawViews("");
  scrollToTime((deskTime() - model.since) / 1000);
  const asked = new URLSearchParams(location.search).get("job");
  const job = asked ? model.jobs.get(asked) : undefined;
  if (asked && job) {
    choose(asked, false);
    if (job.bars.length) scrollToTime(startOf(job));
    (barOf(asked) ?? /** @type {HTMLElement | null} */ (sideList.querySelector(`[data-job="${CSS.escape(asked)}"]`)))?.scrollIntoView({ block: "center" });
  }
  setInterval(tick, 1_000);
  setInterval(drawNow, 30_000);
  requestAnimationFrame(() => requestAnimationFrame(() => (document.documentElement.dataset.board = performance.now().toFixed(1))));
}

begin().catch(failed);
