/**
 * The order of the test files, two at a time: those that take longest come first, so that none of them is left over with
 * the other place empty.
 */
const longest = [
  'agent',
  'start-server',
  'jenkins',
  'main-line',
  'boot',
  'reaper',
  'plan',
  'jenkins-refusals',
  'rough-machine',
  'interrupts',
  'failures',
  'cleanup-faults',
  // Of the unit tests:
  'plan/plan',
  'touching',
  'compiler-process',
  'same-plan',
  'corpus',
  'doctor/doctor',
  'harness-builds',
];

/** @param {string} path */
function place(path) {
  const index = longest.findIndex(
    (name) => path.endsWith(`/${name}.e2e.test.ts`) || path.endsWith(`/${name}.test.ts`),
  );
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
