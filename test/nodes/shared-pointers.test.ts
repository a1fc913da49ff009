import { expect, test } from '@jest/globals';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

const placesOf = (text: string) =>
  parseNodes(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

test.each<[string, string, string[]]>([
  [
    'two nodes of one parameter',
    'a: {group: g, promote: {parameter: /x}}\nb: {group: g, promote: {parameter: /x}}\n',
    ['2:36 "b": `promote.parameter` is /x, as of the node "a": each node needs its own'],
  ],
  [
    "a parameter that is another node's by default",
    'a: {group: g}\nb: {group: g, promote: {parameter: /bakehouse/a}}\n',
    ['2:36 "b": `promote.parameter` is /bakehouse/a, as of the node "a": each node needs its own'],
  ],
  [
    'two nodes of one launch template',
    'a: {group: g, promote: {launch_template: web}}\nb:\n  group: g\n  promote:\n    launch_template: web\n',
    ['5:22 "b": `promote.launch_template` is web, as of the node "a": each node needs its own'],
  ],
  [
    'a parameter of all nodes by the defaults',
    'defaults: {promote: {parameter: /x}}\nnodes:\n  a: {group: g}\n  b: {group: g}\n',
    ['4:3 "b": `promote.parameter` is /x, as of the node "a": each node needs its own'],
  ],
  [
    'a parameter among the locks',
    'a: {group: g, promote: {parameter: /bakehouse/locks/a}}\n',
    ['1:36 "a": `promote.parameter` is below /bakehouse/locks/, where promote has its locks: name another'],
  ],
])('nodes.yaml with %s is refused at its place', (_, text, problems) => {
  expect(placesOf(text)).toEqual(problems);
});

test('nodes with parameters and launch templates of their own are no problem', () => {
  expect(
    placesOf(
      'a: {group: g, promote: {launch_template: ab1}}\nb: {group: g, promote: {launch_template: ab2}}\n',
    ),
  ).toEqual([]);
});
