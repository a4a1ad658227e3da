/** What the device keeps, apart for each user: reports that wait, what is typed, its own name and count. */

/**
 * @typedef {{id: string, job: string, kind: string, happened_at: string, device: string, sequence: number} & Record<string, any>} Report
 * @typedef {{id: string, user: string, sequence: number, report: Report, name: string, standing: "waiting" | "quarantined" | "refused", detail: string, picture?: Blob}} Kept
 * @typedef {{user: string, form: string, values: [string, string][]}} Draft
 */

const NAME = "fieldops-my";

/** Under this name the browser keeps whose pages are on the device. */
export const OWNER = "fieldops-my";

/** @type {Promise<IDBDatabase> | undefined} */
let opening;

/** @returns {Promise<IDBDatabase>} */
function opened() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore("reports", { keyPath: "id" }).createIndex("user", "user");
      request.result.createObjectStore("drafts", { keyPath: ["user", "form"] }).createIndex("user", "user");
      request.result.createObjectStore("devices", { keyPath: "user" });
    });
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
  return opening;
}

/**
 * Do something in one transaction, and return its result once that is on the disk.
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(of: (store: string) => IDBObjectStore, done: (result: T) => void) => void} work
 * @returns {Promise<T>}
 */
async function within(stores, mode, work) {
  const database = await opened();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    /** @type {any} */
    let result;
    transaction.addEventListener("complete", () => resolve(result));
    transaction.addEventListener("error", () => reject(transaction.error));
    transaction.addEventListener("abort", () => reject(transaction.error));
    work((store) => transaction.objectStore(store), (value) => (result = value));
  });
}

/**
 * Keep a report: it gets the name of the device and the next number there, and its draft goes, in one transaction.
 * @param {string} user
 * @param {string} name how it is called on the page
 * @param {{id: string, job: string, kind: string, happened_at: string} & Record<string, any>} told
 * @param {Blob} [picture] of a photo
 * @returns {Promise<Kept>}
 */
export function keep(user, name, told, picture) {
  return within(["reports", "devices", "drafts"], "readwrite", (of, done) => {
    of("drafts").delete([user, draftOf(told.job, sheetOf(told))]);
    const asked = of("devices").get(user);
    asked.addEventListener("success", () => {
      const known = asked.result ?? { user, device: `phone-${told.id.slice(-12)}`, sequence: 0 };
      const sequence = known.sequence + 1;
      of("devices").put({ ...known, sequence });
      /** @type {Kept} */
      const kept = { id: told.id, user, sequence, name, standing: "waiting", detail: "", report: { ...told, device: known.device, sequence }, ...(picture && { picture }) };
      of("reports").put(kept);
      done(kept);
    });
  });
}

/**
 * Return a user's reports that the device keeps, in the order in which they were told.
 * @param {string} user
 * @returns {Promise<Kept[]>}
 */
export async function reports(user) {
  const found = await within(["reports"], "readonly", (of, done) => {
    const asked = of("reports").index("user").getAll(user);
    asked.addEventListener("success", () => done(asked.result));
  });
  return /** @type {Kept[]} */ (found).sort((one, other) => one.sequence - other.sequence);
}

/**
 * Write down what the server said of reports; what it took need not be kept any more.
 * @param {Kept[]} changed
 * @param {string[]} taken
 * @returns {Promise<void>}
 */
export function settle(changed, taken) {
  return within(["reports"], "readwrite", (of) => {
    for (const one of changed) of("reports").put(one);
    for (const id of taken) of("reports").delete(id);
  });
}

/**
 * @param {Draft} draft
 * @returns {Promise<void>}
 */
export function keepDraft(draft) {
  return within(["drafts"], "readwrite", (of) => void of("drafts").put(draft));
}

/**
 * @param {string} user
 * @param {string} form
 * @returns {Promise<Draft | undefined>}
 */
export function draft(user, form) {
  return within(["drafts"], "readonly", (of, done) => {
    const asked = of("drafts").get([user, form]);
    asked.addEventListener("success", () => done(asked.result));
  });
}

/**
 * Return the sheet on which a report is told.
 * @param {Record<string, any>} told
 * @returns {string}
 */
export function sheetOf(told) {
  return told.answer ? `${told.kind}-${told.answer.step}` : told.kind;
}

/**
 * Return what the draft of a report is called.
 * @param {string} job
 * @param {string} sheet
 */
export function draftOf(job, sheet) {
  return `${job}/${sheet}`;
}

/**
 * Forget all that the device keeps of a user.
 * @param {string} user
 * @returns {Promise<void>}
 */
export function forget(user) {
  return within(["reports", "drafts", "devices"], "readwrite", (of) => {
    of("devices").delete(user);
    for (const store of ["reports", "drafts"]) {
      const asked = of(store).index("user").getAllKeys(user);
      asked.addEventListener("success", () => asked.result.forEach((key) => of(store).delete(key)));
    }
  });
}
