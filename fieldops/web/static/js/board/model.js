/** What the board knows: people, places and jobs with their bars. Times are seconds from `since`. */

import { Problem } from "../api.js";
import { say as common } from "../words.js";
import { oneByOne } from "./turns.js";

/**
 * @typedef {{person: string, seat: string, start: number, end: number, travel: number, given: number, held: number}} Bar
 * @typedef {{number: string, title: string, aircraft: string | null, place: string, priority: "AOG" | "CRITICAL" | "ROUTINE", state: string, lasts: number, from: number, to: number, due: number, version: number, locked: string | null, parts: number, partsAt: number | null, seats: string[], unsigned: string[], unnamed: number, bars: Bar[]}} Job
 * @typedef {{code: string, name: string, base: string, duties: number[][], standby: number[][], away: [number, number, string][]}} Person
 * @typedef {{code: string, name: string, area: string, zone: string, region: string}} Place
 * @typedef {{job: Job, person: string, seats: string[], start: number, end: number, travel: number, given: boolean, held: boolean}} Piece
 * @typedef {{chinese: boolean, me: string, region: string | null, now: string, from: string, to: string, first: string, moves: boolean, plans: boolean}} Settings
 */

/** @param {string} id */
function printed(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "{}");
}

/** @type {Settings} */
export const settings = printed("board-settings");
/** @type {Record<string, string>} */
const words = printed("board-words");
const ahead = Date.parse(settings.now) - Date.now();

/**
 * Return a text of the board, or of every page, with its blanks filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function say(name, values = {}) {
  if (!(name in words)) return common(name, values);
  return words[name].replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/** Return what time it is at the desk, in milliseconds: a demonstration has a day of its own. */
export function deskTime() {
  return Date.now() + ahead;
}

/** The priorities, the most urgent first. */
export const PRIORITIES = ["AOG", "CRITICAL", "ROUTINE"];
const TIGHT_S = 2 * 3600;

export const model = {
  since: Date.parse(settings.from),
  until: Date.parse(settings.to),
  currency: "",
  /** @type {string[][]} */
  plans: [],
  /** @type {Map<string, Person>} */
  people: new Map(),
  /** @type {Map<string, Place>} */
  places: new Map(),
  /** @type {Map<string, Job>} */
  jobs: new Map(),
  /** @type {Record<string, string[]>} */
  reasons: {},
  /** @type {Record<string, string[]>} */
  columns: {},
};

/**
 * @param {string[]} names
 * @param {any[]} values
 */
function named(names, values) {
  return Object.fromEntries(names.map((name, at) => [name, values[at]]));
}

/** Answers are taken in the order of the questions, so that an older one never covers a newer. */
const inTurn = oneByOne();
const LONGEST_MS = 30_000;
const DAY_MS = 86_400_000;

/**
 * @param {number} since
 * @param {number} until
 * @param {string[]} [jobs]
 * @returns {Promise<any>}
 */
function read(since, until, jobs = []) {
  const query = new URLSearchParams({ from: new Date(since).toISOString(), to: new Date(until).toISOString() });
  if (settings.region) query.set("region", settings.region);
  for (const number of jobs) query.append("job", number);
  return data(`/board.json?${query}`, AbortSignal.timeout(LONGEST_MS));
}

/**
 * Ask the board's own server side; throws Problem.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function data(path, signal) {
  let status = 0;
  try {
    const answer = await fetch(path, { signal });
    status = answer.status;
    const told = JSON.parse(await answer.text());
    if (answer.ok) return told;
    throw new Problem({ ...told, status });
  } catch (error) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === "AbortError")) throw error;
    // nobody answered, or something before the server did, in words of its own
    throw new Problem({ status, code: "unreachable", title: "", detail: common("unreachable") });
  }
}

/** @param {any} told */
function keep(told) {
  const { job, bar, place } = model.columns;
  for (const one of told.places) model.places.set(one[0], /** @type {any} */ (named(place, one)));
  for (const one of told.jobs) {
    const found = /** @type {any} */ (named(job, one));
    found.bars = found.bars.map((/** @type {any[]} */ values) => named(bar, values));
    model.jobs.set(found.number, found);
  }
}

let first = true;

/**
 * Read the whole board, of other days or of longer where that is wanted; what the page asked for while its scripts were
 * still on their way is taken first. Nothing changes before the answer is there. Throws Problem.
 * @param {{days?: number, longest?: number}} [wanted] by how many days later; for how many milliseconds at least
 */
export function load({ days = 0, longest = 0 } = {}) {
  return inTurn(async () => {
    const since = model.since + days * DAY_MS;
    const until = Math.max(model.until + days * DAY_MS, since + longest);
    const told = await (first ? data(settings.first) : read(since, until));
    first = false;
    Object.assign(model, { since: Date.parse(told.since), until: Date.parse(told.until), currency: told.currency, plans: told.plans, reasons: told.reasons, columns: told.columns });
    model.people = new Map(told.people.map((/** @type {any[]} */ one) => [one[0], named(told.columns.person, one)]));
    model.jobs.clear();
    keep(told);
  });
}

/**
 * Read some jobs again, and return the people whose rows they touch, before or now. Throws Problem.
 * @param {string[]} numbers
 * @returns {Promise<Set<string>>}
 */
export function reread(numbers) {
  return inTurn(async () => {
    const told = await read(model.since, model.until, numbers);
    const touched = new Set(numbers.flatMap((number) => model.jobs.get(number)?.bars ?? []).map((bar) => bar.person));
    for (const number of numbers) (model.jobs.delete(number), delete model.reasons[number]);
    Object.assign(model.reasons, told.reasons);
    keep(told);
    for (const number of numbers) for (const bar of model.jobs.get(number)?.bars ?? []) touched.add(bar.person);
    return touched;
  });
}

/**
 * Return what is drawn of a job: one piece for each of its people, whatever seats they have.
 * @param {Job} job
 * @returns {Piece[]}
 */
export function pieces(job) {
  /** @type {Map<string, Piece>} */
  const found = new Map();
  for (const bar of job.bars) {
    const key = bar.person || `?${bar.seat}`;
    const known = found.get(key);
    if (!known) {
      found.set(key, { job, person: bar.person, seats: [bar.seat], start: bar.start, end: bar.end, travel: bar.travel, given: Boolean(bar.given), held: Boolean(bar.held) });
      continue;
    }
    known.seats.push(bar.seat);
    if (bar.start < known.start) Object.assign(known, { start: bar.start, travel: bar.travel });
    known.end = Math.max(known.end, bar.end);
    known.given &&= Boolean(bar.given);
    known.held ||= Boolean(bar.held);
  }
  return [...found.values()];
}

/**
 * Return how a job stands to when it is due: "late", "tight" or "good"; one without people by when it could be done now.
 * @param {Job} job
 * @param {number} [end] in seconds; as it is planned without
 */
export function standing(job, end) {
  const now = (deskTime() - model.since) / 1000;
  const done = end ?? (job.bars.length ? Math.max(...job.bars.map((bar) => bar.end)) : Math.max(now, job.from) + job.lasts);
  if (done > job.due) return "late";
  return job.due - done < TIGHT_S ? "tight" : "good";
}

/** Return when a job begins, as it is planned. @param {Job} job */
export function startOf(job) {
  return Math.min(...job.bars.map((bar) => bar.start));
}

/** Return the jobs that nobody has, the most urgent first. */
export function waiting() {
  const open = [...model.jobs.values()].filter((job) => !job.bars.length && job.state === "planned");
  return open.sort((one, other) => PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority) || one.due - other.due || one.number.localeCompare(other.number));
}

/** @param {string} code */
export function placeOf(code) {
  return model.places.get(code) ?? { code, name: code, area: "", zone: "UTC", region: "" };
}

/** @param {number} seconds */
export function instant(seconds) {
  return new Date(model.since + seconds * 1000);
}

/**
 * Return a length of time in words.
 * @param {number} seconds
 */
export function lasting(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return say("days", { days: Math.floor(hours / 24), hours: hours % 24 });
  return hours ? say("hours", { hours, minutes: minutes % 60 }) : say("minutes", { minutes });
}

/**
 * @param {string | number} amount
 * @param {string} currency
 */
export function money(amount, currency) {
  const parts = /** @type {const} */ ({ style: "currency", currency, currencyDisplay: "code", signDisplay: "exceptZero" });
  return new Intl.NumberFormat(document.documentElement.lang, parts).format(Number(amount));
}

/**
 * Return what a change costs, in words: the whole, and what it is made of.
 * @param {import("./changes.js").Cost} cost
 */
export function costText(cost) {
  const terms = Object.entries(cost.by_term).filter(([, amount]) => Number(amount));
  const parts = terms.map(([term, amount]) => `${say(`term_${term}`)} ${money(amount, cost.currency)}`);
  return say("costs", { total: money(cost.total, cost.currency), parts: parts.length ? ` (${parts.join(", ")})` : "" });
}

/**
 * Return how a verdict changes when a job is done to when it is due.
 * @param {Job} job
 * @param {number} end
 */
export function dueText(job, end) {
  const name = end > job.due ? "ends_late" : "ends_early";
  return say(name, { time: lasting(end - job.due) });
}
