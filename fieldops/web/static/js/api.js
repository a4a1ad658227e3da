/** The way to the API: as the one who is signed in, with problems as errors that a person can read. */

import { say } from "./words.js";

const csrf = document.querySelector("meta[name=csrf]")?.getAttribute("content") ?? "";

/**
 * @typedef {{field: string, detail: string}} FieldError
 * @typedef {{status: number, code: string, title: string, detail: string, errors?: FieldError[], request_id?: string, [key: string]: unknown}} ProblemDetails
 */

/** What the API refuses; `details` are its problem details (RFC 9457). */
export class Problem extends Error {
  /** @param {ProblemDetails} details */
  constructor(details) {
    super(details.detail || details.title);
    this.details = details;
  }

  get status() {
    return this.details.status;
  }

  get code() {
    return this.details.code;
  }
}

/**
 * Ask the API, and return its answer and the version (ETag) of what it is about.
 *
 * A change sends `version` as If-Match where it is given; a POST has a key of its own, so that it is done once even if
 * the answer gets lost and it is sent again. Throws Problem.
 * @param {string} method
 * @param {string} path under /api/v1
 * @param {unknown} [body] a Blob is sent as it is, anything else as JSON
 * @param {{version?: string | number, key?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<{data: any, version: string | null, location: string | null}>}
 */
export async function ask(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  if (options.version !== undefined) headers["If-Match"] = `"${String(options.version).replaceAll('"', "")}"`;
  if (options.key) headers["Idempotency-Key"] = options.key;
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const answer = await reached(`/api/v1${path}`, { method, headers, body: sent, signal: options.signal });
  return { data: await told(answer), version: answer.headers.get("ETag")?.replaceAll('"', "") ?? null, location: answer.headers.get("Location") };
}

/**
 * Return what an answer says; throws Problem for a refusal, and for what is not the server's, such as a proxy's page.
 * @param {Response} answer
 * @returns {Promise<any>}
 */
export async function told(answer) {
  const text = await answer.text();
  let data = null;
  let isRead = true;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    isRead = false;
  }
  if (answer.ok && isRead) return data;
  if (isRead && (data?.detail || data?.title)) throw new Problem({ ...data, status: answer.status });
  throw new Problem({ status: answer.status, code: "unreadable", title: "", detail: say("unreadable", { status: answer.status }) });
}

/**
 * Follow a list of the API to its end.
 * @param {string} path
 * @returns {Promise<any[]>}
 */
export async function all(path) {
  const items = [];
  let cursor = "";
  do {
    const more = cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : "";
    const { data } = await ask("GET", path + more);
    items.push(...data.items);
    cursor = data.next ?? "";
  } while (cursor);
  return items;
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function reached(path, init) {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({ status: 0, code: "unreachable", title: "", detail: say("unreachable") });
  }
}
