/** Things that are to be done one after another. */

/**
 * Return a way to have things done in the order in which they are asked for, each when the one before has ended.
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
export function oneByOne() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}
