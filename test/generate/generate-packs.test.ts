import { describe, expect, test } from '@jest/globals';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { generatePacks, type PackFolder } from '../../src/generate/generate-packs.ts';
import { TemplateError } from '../../src/generate/pack-settings.ts';

const template = '{"_bakehouse": "pack of <%name%>, schema 1: x", "builders": [{"type": "<%size%>"}]}';
const nodesOf = (yaml: string) => parseNodes(yaml).nodes;
const settings = (text = template) => ({
  template: { file: 't', text },
  templates: '../templates',
  tag: {},
  imdsOptions: true,
});

function folderOf(
  files: Record<string, string> = {},
): PackFolder & { files: Map<string, string>; writes: string[] } {
  const map = new Map(Object.entries(files));
  const writes: string[] = [];
  return {
    files: map,
    writes,
    list: () => Promise.resolve([...map.keys()]),
    read: (name) => Promise.resolve(map.get(name)),
    write: (name, text) => {
      writes.push(name);
      map.set(name, text);
      return Promise.resolve();
    },
    remove: (name) => {
      map.delete(name);
      return Promise.resolve();
    },
  };
}

describe('generate', () => {
  test('writes each pack once and leaves it alone while nothing changes', async () => {
    const nodes = nodesOf('a: {group: g}\nb: {group: g}');
    const folder = folderOf();
    expect(await generatePacks(nodes, nodes, settings(), folder)).toMatchObject([
      { node: 'a', change: 'written' },
      { node: 'b', change: 'written' },
    ]);
    folder.writes.length = 0;
    expect(await generatePacks(nodes, nodes, settings(), folder)).toMatchObject([
      { change: 'unchanged' },
      { change: 'unchanged' },
    ]);
    expect(folder.writes).toEqual([]);
    const changed = nodesOf('a: {group: g, size: t3.large}\nb: {group: g}');
    await generatePacks(changed, changed, settings(), folder);
    expect(folder.writes).toEqual(['a.json']);
  });

  test('removes packs of nodes that are gone, and nothing else', async () => {
    const all = nodesOf('a: {group: g}\nb: {group: g}');
    const mine = '{"_bakehouse": "pack of old, schema 1: x"}';
    const folder = folderOf({
      'old.json': mine,
      'old.facts.json': '{}',
      'package.json': '{"name": "x"}',
      'renamed.json': mine,
      'broken.json': '{',
      'b.json': '{}',
    });
    const changes = await generatePacks(all.slice(0, 1), all, settings(), folder);
    expect(changes).toEqual([
      { node: 'a', file: 'a.json', change: 'written' },
      { node: 'old', file: 'old.json', change: 'removed' },
    ]);
    expect([...folder.files.keys()].sort()).toEqual([
      'a.facts.json',
      'a.json',
      'b.json',
      'broken.json',
      'package.json',
      'renamed.json',
    ]);
  });

  test('writes nothing at all when the template is wrong for one node', async () => {
    const nodes = nodesOf('a: {group: g, ip: 1}\nb: {group: g}');
    const folder = folderOf();
    const text = '{"builders": [{"ip": <%ip%>}]}';
    await expect(generatePacks(nodes, nodes, settings(text), folder)).rejects.toThrow(TemplateError);
    expect(folder.writes).toEqual([]);
  });
});
