import { expect, test } from '@jest/globals';
import { asRunId, jenkinsRun } from '../../src/cli/run-id.ts';

test("the name that Jenkins gives a build is its run's id", () => {
  const name = `jenkins-a folder/job #${'1'.repeat(200)}`;
  expect(asRunId(name)).toBe(jenkinsRun({ BUILD_TAG: name }));
  expect(asRunId(name)).toMatch(/^jenkins-a-folder-job-1+$/);
  expect(asRunId(name)).toHaveLength(120);
});
