/** What these pages say, in the reader's language; and what the server told of the job that is shown. */

/** @type {Record<string, string>} */
const told = JSON.parse(document.getElementById("my-words")?.textContent ?? "{}");

/** The signed-in user, as the page was made for. */
export const user = document.querySelector('meta[name="user"]')?.getAttribute("content") ?? "";

/**
 * Return a text with its blanks filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(name, values = {}) {
  return (told[name] ?? name).replace(/\{(\w+)\}/g, (blank, key) => String(values[key] ?? blank));
}

/**
 * @typedef {{origin: string, kind: string, target: string}} Step
 * @typedef {{part: string, lot: string | null, condition: string, owner: string, place: string, quantity: string, reservation: string | null}} Stock
 * @typedef {{number: number, called: string, kind: string, mandatory: boolean, lowest: string | null, highest: string | null, settled: boolean}} CheckStep
 * @typedef {{user: string, job: string, state: string, states: Record<string, string>, steps: Step[], bookings: string[], zone: string, since: string | null,
 *   checklist: CheckStep[], parts: {part: string, alternates: string[]}[], stock: Stock[]}} Job
 */

/**
 * Return what the server told last of the job that is shown, none on other pages.
 * @returns {Job | undefined}
 */
export function job() {
  const text = document.getElementById("job")?.textContent;
  return text ? JSON.parse(text) : undefined;
}
