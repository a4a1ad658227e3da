/** What a dispatcher changes: through the API, told with its price, and undone by one key. */

import { Problem, ask } from "../api.js";
import { failed, note } from "../toast.js";
import { askReason, askStale } from "./asking.js";
import { dayClock } from "./axis.js";
import { costText, dueText, instant, lasting, model, placeOf, reread, say, startOf } from "./model.js";
import { drawRows } from "./rows.js";
import { isOut, remember } from "./undo.js";

/**
 * @typedef {import("./model.js").Job} Job
 * @typedef {{seat: string, technician: string}} Seated
 * @typedef {{currency: string, total: string, by_term: Record<string, string>}} Cost
 * @typedef {{code: string, text: string, hard: boolean}} Rule
 * @typedef {{possible: boolean, rules: Rule[], seats: {end: string}[], moved: {job: string}[], cost: Cost}} Verdict
 * @typedef {{start: number, crew: Seated[]}} Spot where a job is: from which instant, in milliseconds, with whom; without a crew nobody has it
 */

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

/** Show how jobs stand after a change; one that is done is done, whether or not that can be read. @param {string[]} numbers */
function follow(numbers) {
  return refresh(numbers).catch(failed);
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

/** Return one for each seat. @param {Seated[]} crew */
function unique(crew) {
  return [...new Map(crew.map((one) => [one.seat, one])).values()];
}

/** @param {Spot} spot */
function body(spot) {
  return { start: new Date(spot.start).toISOString(), crew: spot.crew };
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

/** @param {Job} job @param {Spot} spot */
function spotText(job, spot) {
  if (!spot.crew.length) return say("nobody");
  const who = [...new Set(spot.crew.map((one) => model.people.get(one.technician)?.name ?? one.technician))].join(", ");
  const { zone } = placeOf(job.place);
  return `${who}, ${dayClock(spot.start, zone)} ${zone}`;
}

/** @param {Job} job @returns {Spot} */
export function spotOf(job) {
  return { start: instant(job.bars.length ? startOf(job) : job.from).getTime(), crew: crewOf(job) };
}

/** @param {Job} job @param {string} what @param {unknown} [sent] */
function post(job, what, sent) {
  const path = `/jobs/${encodeURIComponent(job.number)}/${what}`;
  return ask("POST", path, sent, { version: job.version, key: crypto.randomUUID() });
}

/**
 * Do something to a job as it is known here. Where somebody changed it meanwhile both versions are shown, and it is
 * done to the new one if that is still wanted; where a rule only warns, a reason is asked for. Throws Problem.
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
    throw error;
  }
}

/** @param {any} taken @param {string} number */
function touched(taken, number) {
  return [number, ...taken.moved.map((/** @type {any} */ one) => one.job), ...taken.displaced.map((/** @type {any} */ one) => one.job)];
}

/**
 * Give a job to people from a time; it shows there at once, and goes back where that is refused. Throws Problem.
 * @param {Job} job
 * @param {Spot} spot
 * @param {{reason?: string | null, undoes?: boolean}} [options]
 * @returns {Promise<string[] | null>} what was done, in words; null where it was not
 */
export async function moveTo(job, spot, options = {}) {
  const before = spotOf(job);
  const people = new Set([...before.crew, ...spot.crew].map((one) => one.technician));
  const takeBack = showAt(job, spot);
  drawRows(people);
  let told = null;
  try {
    told = await attempt(job, spotText(job, spot), async (now, reason) => (await post(now, "move", { ...body(spot), reason })).data, options.reason ?? null);
  } finally {
    if (!told) (takeBack(), drawRows(people));
  }
  if (!told) return null;
  await follow(touched(told.taken, job.number));
  drawRows(people);
  const moved = say(before.crew.length ? "moved" : "assigned", { job: job.number, spot: spotText(job, spot) });
  const end = Math.max(...told.taken.seats.map((/** @type {any} */ one) => (Date.parse(one.end) - model.since) / 1000));
  const lines = [moved, costText(told.taken.cost), dueText(model.jobs.get(job.number) ?? job, end)];
  if (told.taken.moved.length) lines.push(say("others_moved", { jobs: told.taken.moved.map((/** @type {any} */ one) => one.job).join(", ") }));
  if (!options.undoes) remember(lines.join("\n"), job.number, () => putBack(job.number, before));
  return lines;
}

/**
 * Have a job where it is wanted, until the server says where it is; returned is how to put it back.
 * @param {Job} job
 * @param {Spot} spot
 */
function showAt(job, spot) {
  const start = (spot.start - model.since) / 1000;
  const shift = job.bars.length ? start - startOf(job) : 0;
  const bars = job.bars.length
    ? job.bars.map((bar) => ({ ...bar, start: bar.start + shift, end: bar.end + shift, person: spot.crew.find((one) => one.seat === bar.seat)?.technician ?? bar.person }))
    : spot.crew.map((one) => ({ person: one.technician, seat: one.seat, start, end: start + job.lasts, travel: 0, given: 1, held: 0 }));
  const wanted = { ...job, bars };
  model.jobs.set(job.number, wanted);
  return () => void (model.jobs.get(job.number) === wanted && model.jobs.set(job.number, job));
}

/**
 * Take a job out of the plan. Throws Problem.
 * @param {Job} job
 * @param {{undoes?: boolean}} [options]
 */
export async function takeOut(job, options = {}) {
  const before = spotOf(job);
  const told = await attempt(job, say("nobody"), async (now, reason) => (await post(now, "unassign", { reason })).data);
  if (!told) return false;
  await follow(touched(told.taken, job.number));
  if (!options.undoes) remember(`${say("taken_out", { job: job.number })}\n${costText(told.taken.cost)}`, job.number, () => putBack(job.number, before));
  return true;
}

/**
 * Lock a job where it is, or unlock it. Throws Problem.
 * @param {Job} job
 * @param {{undoes?: boolean}} [options]
 */
export async function toggleLock(job, options = {}) {
  const what = job.locked ? "unlock" : "lock";
  const told = await attempt(job, say(what), async (now, reason) => (await post(now, what, what === "lock" ? { reason } : undefined)).data);
  if (!told) return false;
  await follow([job.number]);
  if (options.undoes) return true;
  remember(say(`${what}ed`, { job: job.number }), job.number, async () => {
    const now = model.jobs.get(job.number);
    if (now && Boolean(now.locked) === (what === "lock") && !(await toggleLock(now, { undoes: true }))) return false;
    note(say(what === "lock" ? "unlocked" : "locked", { job: job.number }));
    return true;
  });
  return true;
}

/**
 * Have a job last longer or shorter: the time is changed, then the job put where it was or is wanted, for so long; where
 * that is refused it lasts as long as before. Throws Problem.
 * @param {Job} job
 * @param {number} lasts seconds
 * @param {{spot?: Spot, reason?: string | null, undoes?: boolean}} [options]
 */
export async function resize(job, lasts, options = {}) {
  const [was, before] = [job.lasts, spotOf(job)];
  const spot = options.spot ?? before;
  if (!(await attempt(job, say("lasts", { time: lasting(lasts) }), (now) => changeLength(now, lasts)))) return false;
  await follow([job.number]);
  const longer = model.jobs.get(job.number);
  if (!longer) return false;
  /** @type {string[] | null} */
  let told = null;
  try {
    if (spot.crew.length) told = await moveTo(longer, spot, { reason: options.reason, undoes: true });
    else if (await takeOut(longer, { undoes: true })) told = [];
  } finally {
    const back = model.jobs.get(job.number);
    if (!told && back) await changeLength(back, was).then(() => refresh([job.number])).catch(() => undefined);
  }
  if (!told) return false;
  const text = (/** @type {number} */ seconds) => say("lasts_now", { job: job.number, time: lasting(seconds) });
  if (options.undoes) note(text(lasts));
  else {
    remember([text(lasts), ...told.slice(options.spot ? 0 : 1)].join("\n"), job.number, async () => {
      const now = model.jobs.get(job.number);
      return now ? resize(now, was, { spot: before, undoes: true }) : true;
    });
  }
  return true;
}

/** @param {Job} job @param {number} seconds */
function changeLength(job, seconds) {
  return ask("PATCH", `/jobs/${encodeURIComponent(job.number)}`, { duration_min: Math.round(seconds / 60) }, { version: job.version });
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
    await follow(touched(data.taken, job.number));
    const now = model.jobs.get(job.number) ?? job;
    const text = say("assigned", { job: job.number, spot: spotText(now, spotOf(now)) });
    remember(`${text}\n${costText(data.taken.cost)}`, job.number, () => putBack(job.number, before));
  } catch (error) {
    failed(error);
    await refresh([job.number]).catch(() => undefined);
  }
}

/**
 * Undo the last change of a job with its parts and its money; what has moved on is put back to where it was.
 * @param {string} number
 * @param {Spot} before
 */
async function putBack(number, before) {
  const job = model.jobs.get(number);
  if (!job) return true;
  try {
    const { data } = await post(job, "undo-change");
    await follow(touched(data.taken, number));
  } catch (error) {
    if (!(error instanceof Problem) || isOut(error) || error.code === "job_locked") throw error;
    await refresh([number]);
    const now = model.jobs.get(number) ?? job;
    const back = before.crew.length ? await moveTo(now, before, { undoes: true }) : await takeOut(now, { undoes: true });
    if (!back) return false;
  }
  const now = model.jobs.get(number) ?? job;
  note(say("undone", { job: number, spot: spotText(now, spotOf(now)) }));
  return true;
}
