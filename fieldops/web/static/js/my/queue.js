/** Reports from the field: kept on the device first, sent in their order as soon as there is a connection. */

import { Problem, ask } from "../api.js";
import { failed } from "../toast.js";
import { keep, reports, settle } from "./store.js";
import { user } from "./words.js";

/** @typedef {import("./store.js").Kept} Kept */
/** @typedef {{id: string | null, standing: string, reason: string | null, detail: string | null}} Outcome */

const BATCH_MAX = 100;
const AGAIN_MS = 20_000;
const changed = new EventTarget();
/** Why nothing is sent at the moment, "" where nothing stands against it. */
export let hindrance = "";

/**
 * Call back whenever what waits has changed; `sent` tells that the server took something.
 * @param {(sent: boolean) => void} heard
 */
export function onChange(heard) {
  changed.addEventListener("change", (event) => heard(/** @type {CustomEvent<boolean>} */ (event).detail));
}

/** @param {boolean} sent */
function tellChange(sent) {
  changed.dispatchEvent(new CustomEvent("change", { detail: sent }));
}

/**
 * Report what happened: it is on the device when this returns, and sent when it can be.
 * @param {string} job
 * @param {string} kind
 * @param {string} name how it is called on the page
 * @param {Record<string, unknown>} [told]
 * @param {Blob} [picture] of a photo
 */
export async function report(job, kind, name, told = {}, picture) {
  await keep(user, name, { ...told, id: newId(), job, kind, happened_at: new Date().toISOString() }, picture);
  tellChange(false);
  void send();
}

/**
 * Throw a report away that the server has not taken.
 * @param {string} id
 */
export async function drop(id) {
  await settle([], [id]);
  tellChange(false);
}

/** Send what waits; one page of the browser at a time. */
export async function send() {
  if (navigator.locks) await navigator.locks.request(`fieldops-my ${user}`, sendAll);
  else await sendAll();
}

async function sendAll() {
  for (;;) {
    const waiting = (await reports(user)).filter((one) => one.standing === "waiting").slice(0, BATCH_MAX);
    const [first] = waiting;
    if (!first) return;
    const photo = waiting.findIndex((one) => one.picture);
    const events = photo < 0 ? waiting : waiting.slice(0, photo);
    try {
      if (first.picture) await settleAll([first], [await sendPhoto(first)]);
      else await settleAll(events, (await ask("POST", "/jobs/events", events.map((one) => one.report))).data);
      hindrance = "";
      tellChange(true);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const before = hindrance;
      hindrance = error.code === "not_signed_in" || error.code === "csrf_failed" || error.status === 401 ? "signed_out" : error.status ? "refused" : "unreachable";
      if (hindrance === "refused" && before !== "refused") failed(error);
      tellChange(false);
      return;
    }
  }
}

/**
 * Send a photo, and return what became of it; its id makes it count once. Throws Problem where it may be sent again.
 * @param {Kept} one
 * @returns {Promise<Outcome>}
 */
async function sendPhoto({ id, report: { job, happened_at, note, step }, picture }) {
  const told = new URLSearchParams({ id, taken_at: happened_at, ...(note && { note }), ...(step && { step: String(step) }) });
  try {
    const { data } = await ask("POST", `/jobs/${encodeURIComponent(job)}/photos?${told}`, picture);
    return data.answer ?? { id, standing: "applied", reason: null, detail: null };
  } catch (error) {
    const final = error instanceof Problem && [403, 404, 409, 413, 422].includes(error.status) && error.code !== "csrf_failed" && error.code !== "request_in_flight";
    if (!final) throw error;
    return { id, standing: "refused", reason: error.code, detail: error.message };
  }
}

/**
 * @param {Kept[]} sent
 * @param {Outcome[]} outcomes of each, in their order
 */
async function settleAll(sent, outcomes) {
  /** @type {Kept[]} */
  const needing = [];
  /** @type {string[]} */
  const taken = [];
  sent.forEach((one, at) => {
    const { standing, reason, detail } = outcomes[at] ?? { standing: "refused", reason: "", detail: "" };
    if (standing === "refused") needing.push({ ...one, standing: "refused", detail: detail ?? "" });
    else if (reason) needing.push({ ...one, standing: "quarantined", detail: detail ?? "" });
    else taken.push(one.id);
  });
  await settle(needing, taken);
}

/** Return a new id (UUID, version 7): later ones sort behind. Works also where the page is not a secure context. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(now / 2 ** (8 * (5 - at))) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

addEventListener("online", () => void send());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void send());
setInterval(() => void send(), AGAIN_MS);
