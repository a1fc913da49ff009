import { describe, expect, test } from '@jest/globals';
import { character, fc, runs } from '../runs.ts';
import { CORE_SCHEMA, dump } from 'js-yaml';
import { verdictXml } from '../../src/verify/verdict-junit.ts';
import { judgeRun } from '../../src/verify/judge-run.ts';
import type { Evidence } from '../../src/verify/read-evidence.ts';
import { parseReport, ReportError } from '../../src/puppet/report/report.ts';
import { parseRubyYaml } from '../../src/puppet/report/ruby-yaml.ts';
import { schemaProblems } from '../cli/junit-schema.ts';
import { baked, reportText } from './evidence.ts';
import { reportOfFormat } from './report-of-format.ts';

/** Good runs, each with its exit code. */
const good = [
  { text: reportText('changed'), code: 2 },
  { text: reportText('unchanged'), code: 0 },
  ...[3, 4, 6, 8, 10, 12].map((format) => ({ text: reportOfFormat(format, false), code: 2 })),
];
const version = /^configuration_version: (.*)$/m;

/** The verdict on a text as readEvidence would give it; whatever is thrown but a ReportError is a bug. */
function verdictOn(text: string, code: number, applied: string) {
  let report: Evidence['report'];
  try {
    report = parseReport(text);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    report = { missing: 'unreadable-report', message: error.message };
  }
  const console = `Info: Applying configuration version '${applied}'`;
  return judgeRun('redis', { ...baked, puppetExitCode: code }, { report, console });
}
const appliedBy = (text: string) => version.exec(text)?.[1] ?? '';

type Fields = Record<string, unknown>;
interface Data extends Fields {
  report_format: number;
  status: string;
  logs: Fields[];
  resource_statuses: Record<string, Fields>;
}
/** Picks one of a list by a number from 0 to 1. */
const pick = <T>(list: readonly T[], where: number) => list[Math.floor(where * list.length)] as T;
const anyOf = (data: Data, where: number) => pick(Object.values(data.resource_statuses), where);

/**
 * What makes a good report a bad one, always: it takes away or falsifies a thing that the verdict must rest on. Left
 * out is what a verdict may overlook rightly: titles, Puppet's version, texts of messages, tags, places, times of resources, unknown fields.
 */
const harms: Record<string, (data: Data, where: number) => void> = {
  'drops a field of the report': (data, where) => {
    const names = ['host', 'time', 'report_format', 'status', 'logs', 'resource_statuses'];
    if (data.report_format >= 4) names.push('transaction_uuid', 'configuration_version');
    if (data.report_format >= 6) names.push('noop');
    if (data.report_format >= 11) names.push('transaction_completed', 'corrective_change');
    Reflect.deleteProperty(data, pick(names, where));
  },
  'drops a field of a resource': (data, where) => {
    const names = ['resource', 'resource_type', 'events'];
    if (data.report_format >= 10) names.push('failed', 'changed', 'out_of_sync', 'skipped');
    Reflect.deleteProperty(anyOf(data, where), pick(names, (where * 1_000) % 1));
  },
  'gives a field of the report a value of another kind': (data, where) => {
    const names = ['host', 'time', 'report_format', 'status', 'logs', 'resource_statuses'];
    const kinds = [null, 4.5, true, [1], 'x y', { a: 1 }];
    const name = pick(names, where);
    data[name] = pick(kinds, (where * 1_000) % 1);
  },
  'gives a field of a resource a value of another kind': (data, where) => {
    const name = pick(['resource', 'failed', 'changed', 'skipped', 'events'], where);
    anyOf(data, (where * 100) % 1)[name] = pick([[1], { a: 1 }], (where * 1_000) % 1);
  },
  'says that it failed': (data) => {
    data.status = 'failed';
  },
  'gives another status than the exit code': (data) => {
    data.status = data.status === 'changed' ? 'unchanged' : 'changed';
  },
  'says that it did not finish': (data) => {
    data.transaction_completed = false;
  },
  'says that it was noop': (data) => {
    data.noop = true;
  },
  'says that the catalog was an old one': (data) => {
    data.cached_catalog_status = 'on_failure';
  },
  'fails a resource': (data, where) => {
    anyOf(data, where)[pick(['failed', 'failed_to_restart'], (where * 1_000) % 1)] = true;
  },
  'fails an event': (data, where) => {
    const event = {
      property: 'mode',
      status: pick(['failure', 'lost', ''], (where * 1_000) % 1),
      message: 'x',
    };
    anyOf(data, where).events = [event];
  },
  'logs an error': (data, where) => {
    pick(data.logs, where).level = pick(['err', ':err', 'alert', 'emerg', 'crit'], (where * 1_000) % 1);
  },
  'is of another host': (data) => {
    data.host = 'web.bake';
  },
  'is of another time': (data, where) => {
    data.time = new Date(
      Date.parse(String(data.time)) + (where < 0.5 ? -1 : 1) * (0.1 + where) * 86_400_000,
    ).toISOString();
  },
  'is of another catalog': (data) => {
    data.configuration_version = 'another';
  },
  'has no resource': (data) => {
    data.resource_statuses = {};
  },
  'is of an unknown format': (data, where) => {
    data.report_format = pick([-1, 0, 1, 2, 13, 99], where);
  },
};
/** The same, of its text. Cut off before its last resource, it lost at least that one. */
const textHarms: Record<string, (text: string, where: number) => string> = {
  'is cut off': (text, where) => text.slice(0, Math.floor(where * text.lastIndexOf('\n    resource: '))),
  'has a byte that no text has': (text, where) => {
    const at = Math.floor(where * text.length);
    return `${text.slice(0, at)}\0${text.slice(at + 1)}`;
  },
  'says a thing twice': (text) => text.replace(/^host: .*$/m, '$&\n$&'),
  'is another document': (_, where) =>
    pick(['', ' \n', '<html><body>x</body></html>', '[]', '42', '{}', '--- !ruby/object:File {}'], where),
};

test.each(good.map(({ text, code }, index) => [index, text, code] as const))(
  'report %i verifies the image before it is mangled, also when it is only written anew',
  (_, text, code) => {
    expect(verdictOn(text, code, appliedBy(text)).verified).toBe(true);
    expect(
      verdictOn(dump(parseRubyYaml(text), { schema: CORE_SCHEMA }), code, appliedBy(text)).verified,
    ).toBe(true);
  },
);

describe('mangled reports', () => {
  const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test.each([...Object.keys(harms), ...Object.keys(textHarms)])(
    'a report that %s fails with a sentence',
    (name) => {
      fc.assert(
        fc.property(fc.constantFrom(...good), where, ({ text, code }, at) => {
          let mangled: string;
          if (name in textHarms) mangled = textHarms[name]?.(text, at) ?? '';
          else {
            const data = parseRubyYaml(text) as Data;
            harms[name]?.(data, at);
            mangled = dump(data, { schema: CORE_SCHEMA });
          }
          const verdict = verdictOn(mangled, code, appliedBy(text));
          expect(verdict.verified).toBe(false);
          expect(verdict.problems[0]?.message).toMatch(/\w+ \w+/);
          expect(verdict.problems.map(({ message }) => message).join('\n')).not.toMatch(
            /\n\s+at |undefined|\[object/,
          );
        }),
        runs(100),
      );
    },
  );

  test('reports that are mangled in any way never end in an exception, and their JUnit file is valid', () => {
    const texts = [
      ...good.map(({ text }) => text),
      reportText('failed'),
      reportText('older'),
      reportOfFormat(5),
    ];
    const piece = fc.oneof(
      fc.string({ unit: character, maxLength: 5 }),
      fc.constantFrom(
        '*a',
        '&a ',
        '!!',
        '!ruby/object:X ',
        ': ',
        '- ',
        '{',
        ']',
        '"',
        "'",
        '\n',
        '\n  ',
        '|',
        'null',
        '1e9',
        '\ud800',
        '%',
        '? ',
      ),
    );
    const edit = fc.record({ at: where, length: fc.nat({ max: 40 }), insert: piece });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        (text, edits) => {
          const mangled = edits.reduce((before, { at, length, insert }) => {
            const start = Math.floor(at * before.length);
            return before.slice(0, start) + insert + before.slice(start + length);
          }, text);
          const verdict = verdictOn(mangled, 2, appliedBy(text));
          expect(schemaProblems(verdictXml(verdict))).toEqual([]);
          for (const { message } of verdict.problems) expect(message).not.toMatch(/\n\s+at /);
        },
      ),
      runs(1_000),
    );
  });
});
