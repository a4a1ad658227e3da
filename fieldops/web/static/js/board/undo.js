/** What was changed here and can be undone: the last by one key, any by its note, with what its job went through since. */

import { Problem } from "../api.js";
import { failed, note } from "../toast.js";
import { model, say } from "./model.js";
import { oneByOne } from "./turns.js";

/** @typedef {{job: string, since: number, run: () => Promise<boolean>}} Step `since` is the first instant that was shown; `run` tells whether it is undone */

const STEPS = 10;
/** The changes, the last at the end. */
const done = /** @type {Set<Step>} */ (new Set());
const inTurn = oneByOne();
/** @type {(since: number) => Promise<void>} */
let showDays = async () => {};

/** Have other days shown by this, where a job is to be undone that is not of those shown. @param {typeof showDays} how */
export function showDaysBy(how) {
  showDays = how;
}

/**
 * Tell what was done, and keep how it is undone.
 * @param {string} text
 * @param {string} job
 * @param {() => Promise<boolean>} run
 */
export function remember(text, job, run) {
  const step = { job, since: model.since, run };
  done.add(step);
  if (done.size > STEPS) done.delete([...done][0]);
  note(text, { action: { name: say("undo"), run: () => void inTurn(() => undoTo(step)) } });
}

/** Undo the last change that was made here and is not undone. */
export function undo() {
  return inTurn(() => undoTo([...done].at(-1)));
}

/**
 * Undo a change, before it what was done to the same job since: the server undoes the last one of a job only.
 * @param {Step | undefined} step
 */
async function undoTo(step) {
  if (!step || !done.has(step)) return note(say("nothing_to_undo"));
  const all = [...done];
  for (const one of all.slice(all.indexOf(step)).reverse()) {
    if (one.job === step.job && !(await undone(one))) return;
  }
}

/** Undo one change; it stays to be undone where the server was not reached. @param {Step} step */
async function undone(step) {
  try {
    if (!model.jobs.has(step.job)) await showDays(step.since);
    if (model.jobs.has(step.job) && !(await step.run())) return false;
  } catch (error) {
    if (!(error instanceof Problem && isOut(error))) done.delete(step);
    failed(error);
    return false;
  }
  done.delete(step);
  return true;
}

/** Whether a problem says nothing about what was asked, only that nobody answers now. @param {Problem} problem */
export function isOut(problem) {
  return problem.status === 0 || problem.status >= 500;
}
