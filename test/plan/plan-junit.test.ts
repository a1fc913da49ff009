import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { planXml, writePlanJunit } from '../../src/plan/plan-junit.ts';
import { suiteOf } from '../cli/junit-suite.ts';

describe('the JUnit file of a plan', () => {
  test('has a case for each node, which fails where a catalog does not compile', () => {
    const xml = planXml([
      { node: 'db', seconds: 0.25, text: 'db\n  ~ File[/a] <b>' },
      {
        node: 'redis',
        seconds: 0.5,
        problem: {
          kind: 'error',
          message: "Unknown variable: 'x'",
          file: 'modules/redis/manifests/init.pp',
          line: 3,
          column: 5,
        },
      },
      { node: 'web', problem: { kind: 'empty', message: 'site.pp says nothing about web.bake' } },
    ]);
    const unknown = "Unknown variable: 'x' (modules/redis/manifests/init.pp:3:5)";
    const nothing = 'site.pp says nothing about web.bake';
    expect(suiteOf(xml)).toEqual({
      name: 'plan',
      tests: '3',
      failures: '2',
      errors: '0',
      skipped: '0',
      time: '0.75',
      testcase: [
        { classname: 'plan', name: 'db', time: '0.25', 'system-out': 'db\n  ~ File[/a] <b>' },
        {
          classname: 'plan',
          name: 'redis',
          time: '0.5',
          failure: { message: unknown, type: 'error', '#text': unknown },
        },
        { classname: 'plan', name: 'web', failure: { message: nothing, type: 'empty', '#text': nothing } },
      ],
    });
  });
});

describe('plan.junit.xml', () => {
  test('lies in the reports, whose folder need not be there yet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-junit-'));
    try {
      await writePlanJunit(join(folder, 'reports'), [{ node: 'web' }]);
      expect(readFileSync(join(folder, 'reports/plan.junit.xml'), 'utf8')).toBe(planXml([{ node: 'web' }]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that cannot be written is an error for the user', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-junit-'));
    try {
      writeFileSync(join(folder, 'reports'), '');
      const writing = writePlanJunit(join(folder, 'reports'), []);
      await expect(writing).rejects.toMatchObject({
        exitCode: 2,
        message: `${folder}/reports/plan.junit.xml cannot be written (EEXIST): name a writable folder with --reports`,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
