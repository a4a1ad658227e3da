/** What a dispatcher changes: through the API, told with its price, and undone by one key. */

import { Problem, ask } from "../api.js";
import { failed, note } from "../toast.js";
import { askReason, askStale } from "./asking.js";
import { dayClock } from "./axis.js";
import { instant, lasting, model, money, placeOf, reread, say, startOf } from "./model.js";
import { drawRows } from "./rows.js";

/**
 * @typedef {import("./model.js").Job} Job
 * @typedef {{seat: string, technician: string}} Seated
 * @typedef {{currency: string, total: string, by_term: Record<string, string>}} Cost
 * @typedef {{code: string, text: string, hard: boolean}} Rule
 * @typedef {{possible: boolean, rules: Rule[], seats: {end: string}[], moved: {job: string}[], cost: Cost}} Verdict
 * @typedef {{start: number, crew: Seated[]}} Spot where a job is: from when, with whom; without a crew nobody has it
 */

const STEPS = 10;
/** @type {{text: string, run: () => Promise<void>}[]} */
const done = [];
/** @type {(() => void)[]} */
const watchers = [];

/** Call back whenever something was drawn again after a change. @param {() => void} watcher */
export function onChange(watcher) {
  watchers.push(watcher);
}

/** Read jobs again and show them. @param {Iterable<string>} numbers */
export async function refresh(numbers) {
  drawRows(await reread([...new Set(numbers)]));
  for (const watcher of watchers) watcher();
}

/** Return who sits where on a job. @param {Job} job @returns {Seated[]} */
export function crewOf(job) {
  return unique(job.bars.map((bar) => ({ seat: bar.seat, technician: bar.person })));
}

/**
 * Return the crew of a job with somebody else in the seats of one of them; of a job that nobody has, in all seats.
 * @param {Job} job
 * @param {string | null} from
 * @param {string} to
 */
export function crewWith(job, from, to) {
  if (!job.bars.length) return unique(job.seats.map((seat) => ({ seat, technician: to })));
  return crewOf(job).map((one) => (one.technician === from ? { ...one, technician: to } : one));
}

/** @param {Seated[]} crew */
function unique(crew) {
  return [...new Map(crew.map((one) => [one.seat, one])).values()];
}

/** @param {Spot} spot */
function body(spot) {
  return { start: instant(spot.start).toISOString(), crew: spot.crew };
}

/**
 * Ask which rules a move would break and what it would cost.
 * @param {Job} job
 * @param {Spot} spot
 * @param {AbortSignal} [signal]
 * @returns {Promise<Verdict>}
 */
export async function check(job, spot, signal) {
  return (await ask("POST", `/jobs/${encodeURIComponent(job.number)}/check-move`, body(spot), { signal })).data;
}

/**
 * Return what a change costs, in words: the whole, and what it is made of.
 * @param {Cost} cost
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

/** @param {Job} job @param {Spot} spot */
function spotText(job, spot) {
  if (!spot.crew.length) return say("nobody");
  const who = [...new Set(spot.crew.map((one) => model.people.get(one.technician)?.name ?? one.technician))].join(", ");
  const { zone } = placeOf(job.place);
  return `${who}, ${dayClock(instant(spot.start).getTime(), zone)} ${zone}`;
}

/** @param {Job} job @returns {Spot} */
export function spotOf(job) {
  return job.bars.length ? { start: startOf(job), crew: crewOf(job) } : { start: job.from, crew: [] };
}

/** @param {Job} job @param {string} what @param {unknown} [sent] */
function post(job, what, sent) {
  const path = `/jobs/${encodeURIComponent(job.number)}/${what}`;
  return ask("POST", path, sent, { version: job.version, key: crypto.randomUUID() });
}

/**
 * Do something to a job as it is known here. Where somebody changed it meanwhile both versions are shown, and it is
 * done to the new one if that is still wanted; where a rule only warns, a reason is asked for.
 * @param {Job} job
 * @param {string} wanted what is wanted, in words
 * @param {(job: Job, reason: string | null) => Promise<any>} act
 * @param {string | null} [reason]
 * @returns {Promise<any>} the answer, null where it was not done
 */
async function attempt(job, wanted, act, reason = null) {
  try {
    return await act(job, reason);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "reason_needed") {
      const told = await askReason(error.message, error.details.errors ?? [], reason ?? "");
      return told === null ? null : attempt(model.jobs.get(job.number) ?? job, wanted, act, told);
    }
    if (error.status === 412) {
      await refresh([job.number]);
      const now = model.jobs.get(job.number);
      if (now && (await askStale(job.number, spotText(now, spotOf(now)), wanted))) return attempt(now, wanted, act, reason);
      return null;
    }
    failed(error);
    return null;
  }
}

/** @param {any} taken @param {string} number */
function touched(taken, number) {
  return [number, ...taken.moved.map((/** @type {any} */ one) => one.job), ...taken.displaced.map((/** @type {any} */ one) => one.job)];
}

/**
 * Give a job to people from a time; it shows there at once, and goes back where that is refused.
 * @param {Job} job
 * @param {Spot} spot
 * @param {{reason?: string | null, undoes?: boolean}} [options]
 */
export async function moveTo(job, spot, options = {}) {
  const before = spotOf(job);
  const people = new Set([...before.crew, ...spot.crew].map((one) => one.technician));
  showAt(job, spot);
  drawRows(people);
  const told = await attempt(job, spotText(job, spot), async (now, reason) => (await post(now, "move", { ...body(spot), reason })).data, options.reason ?? null);
  await refresh(told ? touched(told.taken, job.number) : [job.number]);
  drawRows(people);
  if (!told) return false;
  const moved = say(before.crew.length ? "moved" : "assigned", { job: job.number, spot: spotText(job, spot) });
  const end = Math.max(...told.taken.seats.map((/** @type {any} */ one) => (Date.parse(one.end) - model.since) / 1000));
  const lines = [moved, costText(told.taken.cost), dueText(job, end)];
  if (told.taken.moved.length) lines.push(say("others_moved", { jobs: told.taken.moved.map((/** @type {any} */ one) => one.job).join(", ") }));
  if (!options.undoes) remember(lines, job.number, before);
  return true;
}

/** Draw a job where it is wanted, until the server says where it is. @param {Job} job @param {Spot} spot */
function showAt(job, spot) {
  const shift = job.bars.length ? spot.start - startOf(job) : 0;
  const bars = job.bars.length
    ? job.bars.map((bar) => ({ ...bar, start: bar.start + shift, end: bar.end + shift, person: spot.crew.find((one) => one.seat === bar.seat)?.technician ?? bar.person }))
    : spot.crew.map((one) => ({ person: one.technician, seat: one.seat, start: spot.start, end: spot.start + job.lasts, travel: 0, given: 1, held: 0 }));
  model.jobs.set(job.number, { ...job, bars });
}

/**
 * Take a job out of the plan.
 * @param {Job} job
 * @param {{undoes?: boolean}} [options]
 */
export async function takeOut(job, options = {}) {
  const before = spotOf(job);
  const told = await attempt(job, say("nobody"), async (now, reason) => (await post(now, "unassign", { reason })).data);
  if (!told) return false;
  await refresh(touched(told.taken, job.number));
  if (!options.undoes) remember([say("taken_out", { job: job.number }), costText(told.taken.cost)], job.number, before);
  return true;
}

/**
 * Lock a job where it is, or unlock it.
 * @param {Job} job
 * @param {{undoes?: boolean}} [options]
 */
export async function toggleLock(job, options = {}) {
  const what = job.locked ? "unlock" : "lock";
  const told = await attempt(job, say(what), async (now, reason) => (await post(now, what, what === "lock" ? { reason } : undefined)).data);
  if (!told) return false;
  await refresh([job.number]);
  if (!options.undoes) {
    push(say(`${what}ed`, { job: job.number }), async () => {
      const now = model.jobs.get(job.number);
      if (now && (await toggleLock(now, { undoes: true }))) note(say(now.locked ? "unlocked" : "locked", { job: job.number }));
    });
  }
  return true;
}

/**
 * Have a job last longer or shorter: the time is changed, then the job put where it was, for so long.
 * @param {Job} job
 * @param {number} lasts seconds
 * @param {{undoes?: boolean}} [options]
 */
export async function resize(job, lasts, options = {}) {
  const [was, spot] = [job.lasts, spotOf(job)];
  const change = (/** @type {Job} */ now, /** @type {number} */ seconds) => ask("PATCH", `/jobs/${encodeURIComponent(now.number)}`, { duration_min: Math.round(seconds / 60) }, { version: now.version });
  if (!(await attempt(job, say("lasts", { time: lasting(lasts) }), async (now) => (await change(now, lasts)).data))) return false;
  await refresh([job.number]);
  const longer = model.jobs.get(job.number);
  if (!longer) return false;
  if (!(await moveTo(longer, spot, { undoes: true }))) {
    const back = model.jobs.get(job.number);
    if (back) await change(back, was).catch(failed);
    await refresh([job.number]);
    return false;
  }
  if (!options.undoes) {
    push(say("lasts_now", { job: job.number, time: lasting(lasts) }), async () => {
      const now = model.jobs.get(job.number);
      if (now && (await resize(now, was, { undoes: true }))) note(say("lasts_now", { job: job.number, time: lasting(was) }));
    });
  }
  return true;
}

/**
 * Take an option of a recommendation.
 * @param {Job} job
 * @param {string} key
 * @param {number} option
 */
export async function take(job, key, option) {
  const before = spotOf(job);
  try {
    const path = `/jobs/${encodeURIComponent(job.number)}/recommendations/${key}/take`;
    const { data } = await ask("POST", path, { option }, { key: crypto.randomUUID() });
    await refresh(touched(data.taken, job.number));
    const now = model.jobs.get(job.number) ?? job;
    remember([say("assigned", { job: job.number, spot: spotText(now, spotOf(now)) }), costText(data.taken.cost)], job.number, before);
    return true;
  } catch (error) {
    failed(error);
    await refresh([job.number]);
    return false;
  }
}

/** @param {string[]} lines @param {string} number @param {Spot} before */
function remember(lines, number, before) {
  push(lines.join("\n"), () => putBack(number, before));
}

/** @param {string} text @param {() => Promise<void>} run */
function push(text, run) {
  const step = { text, run };
  done.push(step);
  if (done.length > STEPS) done.shift();
  note(text, { action: { name: say("undo"), run: () => void undoStep(step) } });
}

/** Undo the last change that was made here and is not undone. */
export async function undo() {
  const last = done.at(-1);
  if (last) await undoStep(last);
  else note(say("nothing_to_undo"));
}

/** @param {{text: string, run: () => Promise<void>}} step */
async function undoStep(step) {
  const at = done.indexOf(step);
  if (at < 0) return;
  done.splice(at, 1);
  await step.run();
}

/**
 * Undo the last change of a job with its parts and its money; what has moved on is put back to where it was.
 * @param {string} number
 * @param {Spot} before
 */
async function putBack(number, before) {
  const job = model.jobs.get(number);
  if (!job) return;
  try {
    const { data } = await post(job, "undo-change");
    await refresh(touched(data.taken, number));
  } catch (error) {
    if (!(error instanceof Problem) || error.code === "job_locked") return failed(error);
    await refresh([number]);
    const now = model.jobs.get(number) ?? job;
    const back = before.crew.length ? await moveTo(now, before, { undoes: true }) : await takeOut(now, { undoes: true });
    if (!back) return;
  }
  const now = model.jobs.get(number) ?? job;
  note(say("undone", { job: number, spot: spotText(now, spotOf(now)) }));
}
