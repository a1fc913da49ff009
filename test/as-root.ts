import { test } from '@jest/globals';

/** A test that mounts or gives files to another user: without root it is skipped, and counted as such. */
export const testAsRoot = process.geteuid?.() === 0 ? test : test.skip;
