import { readdirSync, readFileSync } from 'node:fs';
import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import { describe, expect, test } from '@jest/globals';
import { isOurs, pageOf, pagesOf } from '../../src/report/pages.ts';
import { fc, runs } from '../runs.ts';
import { exampleOverview } from './example-overview.ts';
import { hostile, overviewWith } from './hostile.ts';

const folder = new URL('../../src/report/templates/', import.meta.url);

type Element = Record<string, unknown>;

/** A page as its elements' names and attributes' names, without any text. */
function shapeOf(page: string): string {
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '' });
  const shape = (elements: Element[]): string =>
    elements
      .map((element) => {
        const [name = ''] = Object.keys(element).filter((key) => key !== ':@');
        if (name === '#text') return '';
        const names = Object.keys(element[':@'] ?? {}).join(' ');
        return `<${name} ${names}>${shape(element[name] as Element[])}`;
      })
      .join('');
  return shape(parser.parse(page) as Element[]);
}

describe('text of others', () => {
  const plain = pagesOf(overviewWith((field) => `plain-${field}`));

  test.each(hostile)('is shown and is no markup in any field: %j', (text) => {
    const pages = pagesOf(overviewWith((field) => `${text}${field}`));
    for (const [name, page] of pages) {
      expect(shapeOf(page)).toBe(shapeOf(plain.get(name) ?? ''));
      expect(page).not.toContain('<script');
      expect(page).not.toContain('<img');
    }
  });

  test('is shown and is no markup, whatever it is', () => {
    const text = fc
      .oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile))
      .map((one) => one.replaceAll('\n', ' '));
    const shapes = new Map([...plain].map(([name, page]) => [name, shapeOf(page)]));
    fc.assert(
      fc.property(text, (one) => {
        for (const [name, page] of pagesOf(overviewWith((field) => `x${one}${field}`)))
          expect(shapeOf(page)).toBe(shapes.get(name));
      }),
      runs(300),
    );
  });

  test('is in the templates nowhere without its escape, nor in an attribute in single quotes or that runs', () => {
    for (const name of readdirSync(folder)) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      if (!name.endsWith('.mustache')) continue;
      expect(text).not.toMatch(/\{\{\{|\{\{&|='|=\{|\son\w+=|\sstyle=|<style|<script/);
      // Links lead to pages and to names within them.
      for (const [link] of text.matchAll(/href="[^"]*"/g))
        expect(link).toMatch(/^href="((\{\{file\}\})?(#(\{\{\w+\}\}|\w+))?|index\.html|style\.css)"$/);
    }
  });
});

describe('the pages', () => {
  test('are well-formed, and each says of which file it is', () => {
    const pages = pagesOf(exampleOverview(3, 9));
    expect([...pages.keys()]).toEqual(['index.html', 'app.html', 'cache.html', 'db.html', 'style.css']);
    for (const [name, text] of pages) {
      expect(isOurs(name, text)).toBe(true);
      expect(isOurs(`copy-of-${name}`, text)).toBe(false);
      if (name.endsWith('.html'))
        expect(SyntaxValidator.validate(text.replace('<!DOCTYPE html>', ''))).toBe(true);
    }
  });

  test('of a node with the name index leave that of all nodes alone', () => {
    const [node] = exampleOverview(1, 1).nodes;
    const pages = pagesOf({
      ...exampleOverview(0, 0),
      nodes: node === undefined ? [] : [{ ...node, node: 'index' }],
    });
    expect([...pages.keys()]).toEqual(['index.html', 'index_.html', 'style.css']);
    expect(pageOf('redis')).toBe('redis.html');
  });

  test('of 60 nodes with 50 images each are less than 2 MB', () => {
    const bytes = [...pagesOf(exampleOverview(60, 50)).values()].reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      0,
    );
    expect(bytes).toBeLessThan(2_000_000);
  });

  test('say what is not known, and call nothing unused whose users are not known', () => {
    const [node] = exampleOverview(1, 1).nodes;
    if (node?.images[0] === undefined) throw new Error('the example has an image');
    const unknown = { users: [], usersUnknownIn: ['us-east-1'], gib: undefined, bakedMs: undefined };
    const pages = pagesOf({
      ...exampleOverview(0, 0),
      ...{ account: undefined, leftovers: undefined, problems: ['us-east-1 does not answer'] },
      nodes: [
        {
          ...{ node: 'redis', images: [{ ...node.images[0], ...unknown }] },
          current: [{ region: 'us-east-1', parameter: '/p', unknown: 'us-east-1 does not answer' }],
        },
      ],
    });
    const page = pages.get('redis.html') ?? '';
    expect(page).toContain('not known in us-east-1');
    expect(page).toContain('not known: us-east-1 does not answer');
    expect(page).not.toContain('<td></td><td></td>');
    const index = pages.get('index.html') ?? '';
    expect(index).toContain('<li>us-east-1 does not answer</li>');
    expect(index).toContain('<b>not known</b> leftovers of ended runs');
    expect(index).toContain('an account whose id is not known');
  });
});
