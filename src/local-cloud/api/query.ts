import { Fault } from './fault.ts';

/** Parameters of EC2's Query protocol, unfolded: `Filter.1.Name=x` is {Filter: {1: {Name: 'x'}}}. */
export type Tree = string | Branch;
export type Branch = Map<string, Tree>;

const maxPairs = 20_000;
const maxDepth = 12;

/** Parses a form-encoded body or query string. Throws a Fault where names contradict each other. */
export function parseQuery(text: string): Branch {
  const root: Branch = new Map();
  let pairs = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (++pairs > maxPairs) throw new Fault('MalformedQueryString', 'The request has too many parameters');
    set(root, name, value);
  }
  return root;
}

function set(root: Branch, name: string, value: string): void {
  const steps = name.split('.');
  const last = steps.pop() ?? '';
  if (steps.length > maxDepth) throw contradiction(name);
  let branch = root;
  for (const step of steps) {
    let next = branch.get(step);
    if (next === undefined) branch.set(step, (next = new Map()));
    if (typeof next === 'string') throw contradiction(name);
    branch = next;
  }
  if (branch.has(last)) throw contradiction(name);
  branch.set(last, value);
}

function contradiction(name: string): Fault {
  return new Fault('MalformedQueryString', `The parameter ${name} is given twice or contradicts another one`);
}
