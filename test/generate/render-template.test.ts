import { describe, expect, test } from '@jest/globals';
import { character, fc } from '../runs.ts';
import { renderTemplate } from '../../src/generate/render-template.ts';

const render = (template: string, view: Record<string, unknown>, optional: string[] = []) =>
  renderTemplate(template, view, new Set(optional));

describe('a value in the template', () => {
  test.each([
    ['plain', 'plain'],
    ['a "quoted" \\ value\n', 'a "quoted" \\ value\n'],
    ["<b>&amp; 'x' / =`", "<b>&amp; 'x' / =`"],
    ['ünïcode \u2028 \u0000', 'ünïcode \u2028 \u0000'],
  ])('%j is escaped for JSON and never for HTML', (value, expected) => {
    const rendered = render('{"x": "<%x%>"}', { x: value });
    expect(JSON.parse((rendered as { text: string }).text)).toEqual({ x: expected });
  });

  test('comes out of JSON as it went in, whatever the string', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (value) => {
        fc.pre(!value.includes('{{'));
        const rendered = render('["<%x%>"]', { x: value });
        expect(JSON.parse((rendered as { text: string }).text)).toEqual([value]);
      }),
    );
  });

  test('cannot reach the template language of Packer', () => {
    expect(render('<%x%>', { x: '{{user `secret`}}' })).toEqual({ text: '{{`{{`}}user `secret`}}' });
  });

  test('that is no string becomes JSON', () => {
    expect(render('{"f": <%facts%>, "n": <%n%>}', { facts: { a: [1, 'b'] }, n: 3 })).toEqual({
      text: '{"f": {"a":[1,"b"]}, "n": 3}',
    });
  });
});

describe('a name that nobody gives', () => {
  test('is a problem with its line and column, all of them at once', () => {
    expect(render('{\n  "a": "<%nmae%>",\n  "b": <%#list%><%other%><%/list%>\n}', { list: [{}] })).toEqual({
      problems: [
        { line: 2, column: 9, message: expect.stringContaining('`nmae`') },
        { line: 3, column: 17, message: expect.stringContaining('`other`') },
      ],
    });
  });

  test.each([['<%#gone%>x<%/gone%>'], ['<%^gone%>x<%/gone%>'], ['<%source.gone%>'], ['<%toString%>']])(
    'is one in %s, too',
    (template) => {
      expect(render(template, { source: {} })).toHaveProperty('problems');
    },
  );

  test('may open a section when another node gives it', () => {
    expect(render('a<%#ip%>b<%/ip%><%^ip%>c<%/ip%>', {}, ['ip'])).toEqual({ text: 'ac' });
    expect(render('<%ip%>', {}, ['ip'])).toHaveProperty('problems');
  });

  test('inside a section that is not rendered does no harm', () => {
    expect(render('a<%#off%><%nowhere%><%/off%>', { off: null })).toEqual({ text: 'a' });
  });
});

test('a tag that is not closed is a problem at its place', () => {
  expect(render('x\n<%#a%> ', { a: 1 })).toEqual({
    problems: [{ line: 2, column: 8, message: expect.stringContaining('Unclosed section') }],
  });
});
