import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planJunitXml } from '../../../src/verify/junit/plan-junit.ts';
import { writePlanJunit } from '../../../src/verify/junit/write-junit.ts';
import { schemaProblems } from './junit-schema.ts';

describe('the JUnit file of a plan', () => {
  test('has a case for each node, red where a catalog does not compile', () => {
    expect(
      planJunitXml([
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
      ]),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="2" errors="0">
  <testsuite name="plan" tests="3" failures="2" errors="0" skipped="0" time="0.75">
    <testcase classname="plan" name="db" time="0.25">
      <system-out>db
  ~ File[/a] &lt;b&gt;</system-out>
    </testcase>
    <testcase classname="plan" name="redis" time="0.5">
      <failure message="Unknown variable: &apos;x&apos; (modules/redis/manifests/init.pp:3:5)" type="error">Unknown variable: &apos;x&apos; (modules/redis/manifests/init.pp:3:5)</failure>
    </testcase>
    <testcase classname="plan" name="web">
      <failure message="site.pp says nothing about web.bake" type="empty">site.pp says nothing about web.bake</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  test('is valid whatever Puppet says', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const problem = fc.record(
      {
        kind: fc.constantFrom('error', 'empty', 'time-limit', 'killed'),
        message: text,
        file: text,
        line: fc.nat(),
      },
      { requiredKeys: ['kind', 'message'] },
    );
    const node = fc.record(
      {
        node: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,9}$/),
        seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        problem,
        text,
      },
      { requiredKeys: ['node'] },
    );
    fc.assert(
      fc.property(fc.array(node, { maxLength: 5 }), (nodes) => {
        const xml = planJunitXml(nodes);
        expect(schemaProblems(xml)).toEqual([]);
        expect(xml.match(/<failure/g)?.length ?? 0).toBe(
          nodes.filter((one) => one.problem !== undefined).length,
        );
      }),
    );
  });
});

describe('plan.junit.xml', () => {
  test('lies in the reports, whose folder need not be there yet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-junit-'));
    try {
      await writePlanJunit(join(folder, 'reports'), [{ node: 'web' }]);
      expect(readFileSync(join(folder, 'reports/plan.junit.xml'), 'utf8')).toBe(
        planJunitXml([{ node: 'web' }]),
      );
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
        message: `${folder}/reports/plan.junit.xml cannot be written (EEXIST): give a folder that can be with --reports`,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
