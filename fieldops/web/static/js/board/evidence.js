/** What the field has told of the job that is looked at: how far its checklist is, and its photos. */

import { Problem, all, ask } from "../api.js";
import { moment } from "../words.js";
import { say, settings } from "./model.js";
import { element } from "./rows.js";

const place = /** @type {HTMLElement} */ (document.getElementById("board-evidence"));
const BEGUN = new Set(["accepted", "travelling", "on_site", "paused", "done", "inspected", "released", "advisory_closed", "closed"]);
let asked = "";

/**
 * Show the checklist and the photos of a job; of one that nobody has begun there is nothing to show.
 * @param {{number: string, state: string} | undefined} job
 */
export async function showEvidence(job) {
  const number = job && BEGUN.has(job.state) ? job.number : "";
  if (number !== asked) place.replaceChildren();
  asked = number;
  if (!number) return;
  const path = `/jobs/${encodeURIComponent(number)}`;
  try {
    const [{ data: checklist }, photos] = await Promise.all([ask("GET", `${path}/checklist`), all(`${path}/photos`)]);
    if (asked === number) place.replaceChildren(...steps(checklist.steps), ...pictures(path, photos));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** @param {any[]} all_ @returns {HTMLElement[]} */
function steps(all_) {
  if (!all_.length) return [];
  const head = element("h3", "", say("checklist", { done: all_.filter((one) => one.settled).length, count: all_.length }));
  const list = element("ul", "steps");
  for (const one of all_) {
    const line = element("li", one.settled ? "settled" : one.mandatory ? "open" : "", `${one.number} ${(settings.chinese && one.name_zh) || one.name}`);
    const told = one.answer && [one.answer.value && `${one.answer.value} ${one.unit ?? ""}`, one.answer.text, one.name_of_technician ?? one.technician, moment(one.answered_at)].filter(Boolean).join(" · ");
    line.append(element("small", "", told || say(one.mandatory ? "step_open" : "step_free")));
    list.append(line);
  }
  return [head, list];
}

/** @param {string} path @param {any[]} photos @returns {HTMLElement[]} */
function pictures(path, photos) {
  if (!photos.length) return [];
  const list = element("ul", "pictures");
  for (const one of photos) {
    const line = element("li", one.struck_at ? "struck" : "");
    const link = /** @type {HTMLAnchorElement} */ (element("a", ""));
    const told = [one.note, one.technician ?? one.recorded_by, moment(one.taken_at)].filter(Boolean).join(" · ");
    link.href = `/api/v1${path}/photos/${one.id}/picture`;
    link.target = "_blank";
    if (one.struck_at) link.textContent = say("struck", { who: one.struck_by, reason: one.struck_reason });
    else {
      const image = /** @type {HTMLImageElement} */ (element("img", ""));
      image.src = link.href;
      image.alt = told;
      image.loading = "lazy";
      link.append(image);
    }
    line.append(link, element("small", "", told));
    list.append(line);
  }
  return [element("h3", "", say("photos", { count: photos.length })), list];
}
