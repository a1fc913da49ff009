import { describe, expect, test } from '@jest/globals';
import { baseOf } from '../../src/init/earlier-versions.ts';
import { withStamp } from '../../src/init/stamp.ts';
import type { TeamFile, TeamPackage } from '../../src/init/team-files.ts';
import { judgeCopy, judgeGone, plainMerge, upgradedText } from '../../src/upgrade/judge-upgrade.ts';
import { mergeTexts } from '../../src/upgrade/merge-file.ts';
import { fc, runs } from '../runs.ts';

const path = 'templates/provision/seal.sh';
const file: TeamFile = { path, target: path, text: 'a\nnew\nc\n', isProgram: true };
const team: TeamPackage = {
  version: '0.10.0',
  files: [file],
  sample: { nodes: '', environment: [] },
  earlier: new Map([
    [path, [{ version: '0.9.0', text: 'a\nold\nc\n' }, { version: '0.2.0', text: 'a\noldest\nc\n' }]],
  ]),
}; // prettier-ignore

test.each([
  ['0.1.0', 'a\noldest\nc\n'],
  ['0.2.0', 'a\noldest\nc\n'],
  ['0.2.1', 'a\nold\nc\n'],
  ['0.9.0', 'a\nold\nc\n'],
  ['0.9.1', 'a\nnew\nc\n'],
  ['0.10.0', 'a\nnew\nc\n'],
])(
  'a file of version %s is the first one that was kept from then on, else the present one',
  (version, text) => {
    expect(baseOf(path, version, { ...team, text: file.text })).toEqual({ text });
  },
);

const judge = (text: string | undefined) => judgeCopy(file, text, team);
describe('a copy', () => {
  test.each<[string, string | undefined, string, string]>([
    ['that is not there', undefined, 'missing', 'npx bakehouse init writes it'],
    ['without a stamp', 'a\nold\nc\n', 'own', '# bakehouse 0.10.0 templates/provision/seal.sh'],
    [
      'of a newer version',
      withStamp('a\n', path, '1.0.0'),
      'refused',
      'of 1.0.0, which is newer than this package (0.10.0)',
    ],
    [
      'of no version',
      withStamp('a\n', path, 'latest'),
      'refused',
      "'latest' is no version of Bakehouse: correct",
    ],
    [
      'with a conflict',
      withStamp('a\n<<<<<<< x\nb\n=======\nc\n>>>>>>> y\n', path, '0.2.0'),
      'refused',
      'in line 3',
    ],
    ['with half of one', withStamp('a\r\n>>>>>>> y\r\n', path, '0.2.0'), 'refused', 'in line 3'],
    ['of this version', withStamp('mine\n', path, '0.10.0'), 'unchanged', ''],
    ['since which it has not changed', withStamp('mine\n', path, '0.9.5'), 'unchanged', ''],
  ])('%s is not upgraded, and it is said why', (_, text, decision, reason) => {
    expect(judge(text)).toMatchObject({ decision, reason: expect.stringContaining(reason) });
  });

  test('is merged without its stamp and its line ends', () => {
    const texts = { base: 'a\noldest\nc\n', ours: 'a\noldest\nmine\n', theirs: 'a\nnew\nc\n' };
    for (const end of ['\n', '\r\n']) {
      const text = withStamp(texts.ours.replaceAll('\n', end), path, '0.2.0');
      expect(judge(text)).toEqual({ decision: 'merge', from: '0.2.0', texts });
    }
  });

  test('of a file that the package no longer has is named where it bears a stamp', () => {
    expect(judgeGone(path, withStamp('a\n', path, '0.1.0'))).toMatchObject({
      decision: 'gone',
      from: '0.1.0',
    });
    expect(judgeGone(path, 'a\n')).toBeUndefined();
    expect(judgeGone(path, undefined)).toBeUndefined();
  });
});

/** Texts of few lines, so that two versions often touch the same ones. */
const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '\u00e4', 'x\ty'), { maxLength: 6 });
const text = fc.tuple(lines, fc.boolean()).map(([all, whole]) => all.join('\n') + (whole && all.length > 0 ? '\n' : '')); // prettier-ignore
const labels = { ours: 'o', base: 'b', theirs: 't' };

describe('a merge', () => {
  test('without changes of the team is the new text; without changes of the package the team’s', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        for (const merge of [plainMerge, (texts: Parameters<typeof mergeTexts>[0]) => mergeTexts(texts, labels)]) {
          expect(await merge({ base: one, ours: one, theirs: other })).toBe(other);
          expect(await merge({ base: one, ours: other, theirs: one })).toBe(other);
          expect(await merge({ base: one, ours: other, theirs: other })).toBe(other);
        }
      }),
      runs(60),
    );
  }, 60_000); // prettier-ignore

  test('of changes in different places has them all, also in bytes that are no UTF-8', async () => {
    const base = 'a\nb\nc\nd\ne\nf\n';
    const texts = { base, ours: base.replace('a', '\u00ff\u00fe'), theirs: base.replace('f', 'F') };
    expect(await mergeTexts(texts, labels)).toBe('\u00ff\u00fe\nb\nc\nd\ne\nF\n');
  });

  test('of a binary file is refused with a sentence', async () => {
    await expect(mergeTexts({ base: 'a\0', ours: 'b\0', theirs: 'c\0' }, labels)).rejects.toThrow(/git merge-file failed: .*binary/i); // prettier-ignore
  });

  test('keeps line ends as the team has them', () => {
    expect(upgradedText('a\nb\n', 'a\r\nx\r\n', 'x.sh', '1.0.0')).toBe(
      '# bakehouse 1.0.0 x.sh\r\na\r\nb\r\n',
    );
    expect(upgradedText('a\nb\n', 'a\r\nx\n', 'x.sh', '1.0.0')).toBe('# bakehouse 1.0.0 x.sh\na\nb\n');
  });
});
