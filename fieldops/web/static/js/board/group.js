/** Jobs that are chosen together go together: as far along the time as the one that is dragged, its person's seats to the same one. */

import { failed } from "../toast.js";
import { crewWith, moveTo, spotOf } from "./changes.js";
import { model } from "./model.js";
import { chosen } from "./rows.js";

/** @typedef {import("./model.js").Job} Job */

/**
 * Return the other jobs that go along with one that is chosen: planned, not locked, and with people.
 * @param {Job} job
 * @returns {Job[]}
 */
export function goAlong(job) {
  if (!chosen.has(job.number)) return [];
  const others = [...chosen].filter((number) => number !== job.number).map((number) => model.jobs.get(number));
  return others.filter((one) => one !== undefined).filter((one) => one.state === "planned" && !one.locked && one.bars.length > 0);
}

/**
 * Move jobs together, the first of them first in the direction of the move, so that none is in another's way. Each is
 * checked, priced and undone by itself; one that is refused stays where it is and says why.
 * @param {Job[]} jobs
 * @param {number} by seconds along the time
 * @param {string | null} from whose seats
 * @param {string} to who takes them
 */
export async function moveTogether(jobs, by, from, to) {
  const ahead = [...jobs].sort((one, other) => Math.sign(by) * (spotOf(other).start - spotOf(one).start));
  for (const one of ahead) {
    const job = model.jobs.get(one.number) ?? one;
    await moveTo(job, { start: spotOf(job).start + by * 1000, crew: crewWith(job, from, to) }).catch(failed);
  }
}
