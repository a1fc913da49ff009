import XMLBuilder from 'fast-xml-builder';
import { type Place, withPlace } from '../../puppet/report/place.ts';
import { attributeText, xmlText } from './xml-text.ts';

/** A case of a JUnit file; names that begin with @ are attributes. */
export interface TestCase {
  '@classname': string;
  '@name': string;
  '@time'?: string;
  failure?: { '@message': string; '@type': string; '#text': string };
  /** It could not be tried. */
  error?: { '@message': string; '#text': string };
  skipped?: { '@message': string };
  'system-out'?: string;
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
});

/** What a suite has besides its cases. */
export interface SuiteHead {
  name: string;
  seconds: number;
  /** Milliseconds since the epoch. */
  startedMs?: number;
  properties?: Readonly<Record<string, string>>;
}

/**
 * A JUnit file of one suite. Only elements and attributes that Jenkins' own schema (junit-10 of its xUnit plugin) has;
 * of a skipped case Jenkins shows the message, of any what it printed.
 */
export function junitDocument(head: SuiteHead, cases: readonly TestCase[]): string {
  const property = Object.entries(head.properties ?? {}).map(([name, value]) => ({
    '@name': name,
    '@value': attributeText(value),
  }));
  const counts = {
    '@tests': count(cases),
    '@failures': count(cases, 'failure'),
    '@errors': count(cases, 'error'),
  };
  const suite = {
    '@name': attributeText(head.name),
    ...counts,
    '@skipped': count(cases, 'skipped'),
    '@time': timeText(head.seconds),
    ...(head.startedMs === undefined ? {} : { '@timestamp': new Date(head.startedMs).toISOString() }),
    ...(property.length === 0 ? {} : { properties: { property } }),
    testcase: cases,
  };
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...counts, testsuite: suite },
  });
}

/** The first line as the message, with its place also where it is too long; all as the text; no lines: no failure. */
export function failure(lines: readonly string[], type = '', place: Place = {}): Pick<TestCase, 'failure'> {
  const [first] = lines;
  if (first === undefined) return {};
  const message = withPlace(attributeText(first), place);
  return { failure: { '@message': xmlText(message), '@type': type, '#text': xmlText(lines.join('\n')) } };
}

function count(cases: readonly TestCase[], kind?: 'failure' | 'error' | 'skipped'): string {
  return String(kind === undefined ? cases.length : cases.filter((one) => one[kind] !== undefined).length);
}

/** Microseconds: fewer digits lose quick resources; never an exponent, which some readers refuse. */
export function timeText(seconds: number): string {
  return String(Number(seconds.toFixed(6)));
}
