import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { decide } from '../../src/plan/decide.ts';
import { inputsTag } from '../../src/plan/digest.ts';
import { changeOfPack, changeSinceRecord, packRecord } from '../../src/plan/pack-change.ts';
import { reasonText } from '../../src/plan/reason-text.ts';
import { imageOf, inputsOf, judged, nowMs } from './nodes.ts';

const template = 'a'.repeat(64);
const other = 'b'.repeat(64);
type Facts = Record<string, unknown>;

/** How facts changed, by what an image's tag says of the earlier ones. */
const recorded = (was: Facts, is: Facts, room = 200) =>
  changeSinceRecord(packRecord({ template, facts: was }, room), { template, facts: is });

const fact = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('1.4.1', '1.4.2', '@1', '', 'a b', 'x=y', 'password=hunter2'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
);
const name = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9_]{0,30}$/), fc.constantFrom('version', 'db_password'));
const anyFacts = fc.dictionary(name, fact, { maxKeys: 12 });

describe('what an image says of its pack', () => {
  test('names the facts and the pack beside them', () => {
    expect(packRecord({ template, facts: { tier: 'one', version: '1.4.1', port: 80 } }, 200)).toBe(
      'template=aaaaaaaaaaaa facts=3 +port=80 +tier=one +version=1.4.1',
    );
  });

  test('has only the hash of what is long, odd, a list or a mapping', () => {
    const facts = { a: 'x'.repeat(65), b: 'x y', c: ['x'], d: { x: 1 }, e: '@x' };
    expect(packRecord({ template, facts }, 200)).toMatch(/ facts=5( \+[a-e]=@[0-9a-f]{8}){5}$/);
  });

  test('has nothing of a fact that may be secret', () => {
    const facts = { db_password: 'hunter2', url: 'https://u:hunter2@db.example/', dsn: 'password=hunter2' };
    const record = packRecord({ template, facts }, 200);
    expect(record).toContain('facts=0');
    expect(record).not.toMatch(/hunter2|\+/);
  });

  test('fits into the rest of a tag that EC2 takes, and says of the same facts that none changed', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat({ max: 256 }), (facts, room) => {
        const record = packRecord({ template, facts }, room);
        expect(record).toMatch(/^[\w .:/@+=-]*$/);
        expect(record.length).toBeLessThanOrEqual(room);
        const same = record === '' ? undefined : { facts: [], template: false };
        expect(changeSinceRecord(record, { template, facts })).toEqual(same);
      }),
    );
  });

  test('names only facts that changed, and with room for all each of them that is not secret', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (was, is) => {
        const all = changeOfPack({ template, facts: was }, { template, facts: is }).facts.map(({ fact: one }) => one);
        const named = recorded(was, is, 10_000)?.facts.map(({ fact: one }) => one) ?? [];
        expect(all).toEqual(expect.arrayContaining(named));
        const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
        const isClear = (one: string) => [was[one], is[one]].every((value) => /^[\w.]{0,20}$/.test(text(value)));
        // `1` and `"1"` have one text.
        const expected = all.filter((one) => one !== 'db_password' && isClear(one) && text(was[one]) !== text(is[one]));
        expect(named).toEqual(expect.arrayContaining(expected.filter((one) => !/passw|secret|token|cred|key/i.test(one))));
      }),
    );
  }); // prettier-ignore
});

describe('a changed pack', () => {
  const long = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`fact_${index}`, 'x'.repeat(40)]),
  );
  test.each<[string, Facts, Facts, object[]]>([
    ['says which value a fact had', { version: '1.4.1' }, { version: '1.4.2' }, [{ fact: 'version', was: '1.4.1', is: '1.4.2' }]],
    ['says that a fact is new', {}, { version: '1.4.2' }, [{ fact: 'version', was: null, is: '1.4.2' }]],
    ['says that a fact is gone', { version: '1.4.1' }, {}, [{ fact: 'version', was: '1.4.1', is: null }]],
    ['says numbers and switches as texts', { a: 1, b: true }, { a: 2, b: false }, [{ fact: 'a', was: '1', is: '2' }, { fact: 'b', was: 'true', is: 'false' }]],
    ['says of a list only that it changed', { a: [1] }, { a: [2] }, [{ fact: 'a' }]],
    ['does not take what had no room for new', long, { ...long, version: '1' }, []],
    ['knows a short fact among many', { ...long, version: '1' }, { ...long, version: '2' }, [{ fact: 'version', was: '1', is: '2' }]],
    ['shows nothing of a secret', { db_password: 'a' }, { db_password: 'b' }, []],
  ])('%s', (_, was, is, facts) => {
    expect(recorded(was, is)).toEqual({ facts, template: false });
  }); // prettier-ignore

  test('may be the template as well, or alone', () => {
    const record = packRecord({ template, facts: { v: '1' } }, 200);
    expect(changeSinceRecord(record, { template: other, facts: { v: '1' } })).toEqual({
      facts: [],
      template: true,
    });
    expect(changeOfPack({ template, facts: { v: [1] } }, { template: other, facts: { v: [1] } })).toEqual({
      facts: [],
      template: true,
    });
  });

  test.each(['', 'unknown', inputsTag(inputsOf())])(
    'is not known by the tag %j of an older bake',
    (tagText) => {
      expect(changeSinceRecord(tagText, { template, facts: {} })).toBeUndefined();
    },
  );
});

describe('the reason of a bake', () => {
  const now = inputsOf({ pack: 'c'.repeat(64), catalog: 'd'.repeat(64) });
  const reasonOf = (was: Facts, is: Facts, before: string, inputs = now) => {
    const made = inputsOf();
    const record = packRecord({ template: before, facts: was }, 120);
    const image = imageOf({ inputs: `${inputsTag(made)} ${record}` }, made);
    const result = { inputs, pack: { template, facts: is }, findings: [] };
    const { action, reasons } = decide(judged({ result }), [image], nowMs, { forced: false });
    expect(action).toBe('bake');
    return reasons.map(reasonText).join();
  };

  test.each<[string, Facts, Facts, string]>([
    ['fact version 1.4.1 → 1.4.2, catalog changed since image ami-a', { version: '1.4.1' }, { version: '1.4.2' }, template],
    ['fact version 1.4.1 → 1.4.2, catalog, template changed since image ami-a', { version: '1.4.1' }, { version: '1.4.2' }, other],
    ['fact new none → 1, fact old 1 → none, catalog changed since image ami-a', { old: 1 }, { new: 1 }, template],
    ['fact motd, catalog changed since image ami-a', { motd: 'a b' }, { motd: 'b c' }, template],
    ['facts, catalog changed since image ami-a', { token: 'a' }, { token: 'b' }, template],
    ['catalog, template changed since image ami-a', { version: '1.4.1' }, { version: '1.4.1' }, other],
    ['fact a 1 → 2, fact b 1 → 2, fact c 1 → 2 and 2 more, catalog changed since image ami-a', { a: 1, b: 1, c: 1, d: 1, e: 1 }, { a: 2, b: 2, c: 2, d: 2, e: 2 }, template],
  ])('%s', (text, was, is, before) => {
    expect(reasonOf(was, is, before)).toBe(text);
  }); // prettier-ignore

  test('is the fact alone where Puppet does not use it', () => {
    const text = reasonOf({ v: '1' }, { v: '2' }, template, inputsOf({ pack: 'c'.repeat(64) }));
    expect(text).toBe('fact v 1 → 2 changed since image ami-a');
  });
});
