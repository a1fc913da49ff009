import { expect, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { fc } from '../../runs.ts';
import { Named, renderXml } from '../../../src/local-cloud/api/xml.ts';

test('renders lists as items, leaves out what is undefined, and keeps what is empty', () => {
  const time = new Date('2024-01-02T03:04:05Z');
  expect(renderXml({ set: [{ a: 1 }, { b: false, c: undefined }], none: [], text: '', time })).toBe(
    '<set><item><a>1</a></item><item><b>false</b></item></set><none></none><text></text><time>2024-01-02T03:04:05.000Z</time>',
  );
});

test('whatever a tag says comes back from a parser as it was, but for what XML cannot carry', () => {
  const parser = new XMLParser({
    parseTagValue: false,
    trimValues: false,
    processEntities: true,
    htmlEntities: true,
  });
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', '<', '>', '&', '"', "'", ' ', '\t', '\n', ']', 'é', '😀'),
        minLength: 1,
      }),
      (text) => {
        const { t } = parser.parse(`<t>${renderXml(text)}</t>`) as { t: string };
        expect(t).toBe(text);
      },
    ),
  );
  expect(renderXml('a\u0000\u001b\uFFFE\uD800b')).toBe('a\uFFFDb');
});

test('a list whose items have a name of their own', () => {
  expect(renderXml({ groupSet: new Named('groupId', ['a', '<']), none: new Named('x', []) })).toBe(
    '<groupSet><groupId>a</groupId><groupId>&#60;</groupId></groupSet><none></none>',
  );
});
