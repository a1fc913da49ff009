import { describe, expect, test } from '@jest/globals';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

/** The one node of a file with these defaults and these keys of its own. */
function over(defaults: string, own: string) {
  const { nodes, problems } = parseNodes(`defaults: {group: g, ${defaults}}\nnodes: {a: {${own}}}`);
  expect(problems).toEqual([]);
  return nodes[0];
}

describe("a node's own `packer` and `facts` over those of the defaults", () => {
  test('lay their keys over, each by itself', () => {
    const defaults = 'packer: {subnet_id: subnet-1, vpc_id: vpc-1, tags: {A: x}}, facts: {dc: x, rack: [1]}';
    expect(over(defaults, 'packer: {vpc_id: vpc-2, ssh_port: 22}, facts: {rack: [2], own: y}')).toMatchObject(
      {
        packer: { subnet_id: 'subnet-1', vpc_id: 'vpc-2', tags: { A: 'x' }, ssh_port: 22 },
        facts: { dc: 'x', rack: [2], own: 'y' },
      },
    );
  });

  test('go one level deep: a mapping below them replaces the one of the defaults', () => {
    const node = over(
      'packer: {tags: {A: x}}, facts: {f: {a: 1}}',
      'packer: {tags: {B: y}}, facts: {f: {b: 2}}',
    );
    expect(node).toMatchObject({ packer: { tags: { B: 'y' } }, facts: { f: { b: 2 } } });
    expect(node?.packer.tags).not.toHaveProperty('A');
  });

  test('take a key away by null', () => {
    const node = over(
      'packer: {subnet_id: s}, facts: {dc: x, r: 1}',
      'packer: {subnet_id: null}, facts: {dc: null}',
    );
    // For the pack, null says that the builder has no such key.
    expect(node).toMatchObject({ packer: { subnet_id: null }, facts: { r: 1 } });
    expect(node?.facts).not.toHaveProperty('dc');
  });

  test('change nothing where only one of the two has them', () => {
    expect(over('', 'facts: {x: null}')?.facts).toEqual({ x: null });
    expect(over('facts: {x: null}', '')?.facts).toEqual({ x: null });
    expect(over('packer: {vpc_id: v}', '')?.packer).toEqual({ vpc_id: 'v' });
  });

  test('leave every other key to the node that has it', () => {
    expect(over('own: {a: 1}, checks: [{port: 1}]', 'own: {b: 2}, checks: []')).toMatchObject({
      extra: { own: { b: 2 } },
      checks: [],
    });
  });
});
