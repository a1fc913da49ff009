/**
 * The order of the end-to-end tests, two files at a time: those that take minutes come first, the longest of all before
 * them, so that none of these is left over with the other place empty.
 */
const longest = [
  'agent',
  'interrupts',
  'start-server',
  'jenkins',
  'main-line',
  'boot',
  'failures',
  'cleanup-interrupts',
  'reaper',
];

/** @param {string} path */
function place(path) {
  const index = longest.findIndex((name) => path.endsWith(`/${name}.e2e.test.ts`));
  return index === -1 ? longest.length : index;
}

/** What jest asks of a sequencer; it remembers nothing of earlier runs, so each run has the same order. */
export default class LongestFirst {
  /** @param {readonly { path: string }[]} tests */
  sort(tests) {
    return [...tests].sort((a, b) => place(a.path) - place(b.path) || (a.path < b.path ? -1 : 1));
  }

  allFailedTests() {
    return [];
  }

  cacheResults() {}
}
