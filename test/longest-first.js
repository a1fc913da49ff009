/**
 * The order of the test files, several at a time: those that take longest come first, so that none of them is left over
 * with the other places empty.
 */
const longest = [
  // The base image of the machines is made first; meanwhile two files run that need none.
  '/start.e2e',
  '/plan/plan.puppet',
  '/corpus.puppet',
  '/agent.e2e',
  '/jenkins.e2e',
  '/main-line.e2e',
  '/boot.e2e',
  '/rough-machine.e2e',
  '/plan.e2e',
  '/jenkins-refusals.e2e',
  '/failures.e2e',
  '/reaper.e2e',
  '/interrupts.e2e',
  '.e2e',
  '/doctor/doctor',
  '/touching.puppet',
  '/compiler-process.puppet',
  '/same-plan.puppet',
  '/planned',
  '/harness-builds',
];

/** @param {string} path */
function place(path) {
  const index = longest.findIndex((end) => path.endsWith(`${end}.test.ts`));
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
