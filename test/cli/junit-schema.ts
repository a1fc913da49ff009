import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';

/**
 * What Jenkins' schema for JUnit files allows (junit-10 of its xUnit plugin, in our own words): for each element its
 * children, and its attributes with those that must be there.
 */
const elements: Record<string, { children: string[]; attributes: string[]; required: string[] }> = {
  testsuites: {
    children: ['testsuite'],
    attributes: ['name', 'time', 'tests', 'failures', 'errors'],
    required: [],
  },
  testsuite: {
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
    attributes: [
      'name',
      'tests',
      'failures',
      'errors',
      'time',
      'skipped',
      'timestamp',
      'hostname',
      'id',
      'package',
    ],
    required: ['name', 'tests', 'failures', 'errors'],
  },
  properties: { children: ['property'], attributes: [], required: [] },
  property: { children: [], attributes: ['name', 'value'], required: ['name', 'value'] },
  testcase: {
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
    attributes: ['name', 'time', 'classname', 'group'],
    required: ['name'],
  },
  failure: { children: ['#text'], attributes: ['type', 'message'], required: [] },
  error: { children: ['#text'], attributes: ['type', 'message'], required: [] },
  skipped: { children: ['#text'], attributes: ['type', 'message'], required: [] },
  'system-out': { children: ['#text'], attributes: [], required: [] },
};
const time = /^(?:\d+)?(?:\.\d*)?$/;

type Parsed = Record<string, unknown> & { ':@'?: Record<string, string> };

/** All that a JUnit file does against the schema, as `testsuite/testcase: attribute file`; none: it is valid. */
export function schemaProblems(xml: string): string[] {
  try {
    SyntaxValidator.validate(xml);
  } catch (error) {
    return [`not XML: ${(error as Error).message}`];
  }
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '' });
  const roots = (parser.parse(xml) as Parsed[]).filter((node) => !('?xml' in node));
  return roots.length === 1 && 'testsuites' in (roots[0] ?? {})
    ? roots.flatMap((root) => problemsOf(root, ''))
    : ['the root is not one testsuites'];
}

function problemsOf(node: Parsed, above: string): string[] {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const path = above === '' ? name : `${above}/${name}`;
  const allowed = elements[name];
  if (allowed === undefined) return [`${path}: unknown element`];
  const attributes = node[':@'] ?? {};
  const children = node[name] as Parsed[];
  const kinds = children.map((child) => Object.keys(child).find((key) => key !== ':@') ?? '');
  return [
    ...Object.keys(attributes)
      .filter((key) => !allowed.attributes.includes(key))
      .map((key) => `${path}: attribute ${key}`),
    ...allowed.required.filter((key) => !(key in attributes)).map((key) => `${path}: no ${key}`),
    ...kinds.filter((kind) => !allowed.children.includes(kind)).map((kind) => `${path}: child ${kind}`),
    ...('time' in attributes && !time.test(attributes.time) ? [`${path}: time ${attributes.time}`] : []),
    ...children.filter((_, index) => kinds[index] !== '#text').flatMap((child) => problemsOf(child, path)),
  ];
}
