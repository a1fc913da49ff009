import { createRequire } from 'node:module';
import type { Builder, TestSuite } from 'junit-report-builder';

/** A case of a JUnit file. */
export interface TestCase {
  /** Its dots are packages in Jenkins. */
  className: string;
  name: string;
  seconds?: number;
  /** Absent: it passed. */
  result?: CaseResult;
  /** What it printed. */
  log?: string;
}

/** Why a case did not pass. `error`: it could not be tried. */
export interface CaseResult {
  kind: 'failure' | 'error' | 'skipped';
  /** The heading in Jenkins, see {@link oneLine}. */
  message: string;
  type?: string;
  text?: string;
}

/** What a suite has besides its cases. */
export interface SuiteHead {
  name: string;
  seconds: number;
  /** Milliseconds since the epoch. */
  startedMs?: number;
  properties?: Readonly<Record<string, string>>;
}

/**
 * A JUnit file of one suite. It has only elements and attributes of Jenkins' own schema (junit-10 of its xUnit plugin).
 * Texts lose what XML cannot carry.
 */
export function junitXml(head: SuiteHead, cases: readonly TestCase[]): string {
  // Loaded here: --help need not wait for it. Required: an import reads its 23,000 lines for their names first.
  const junit = createRequire(import.meta.url)('junit-report-builder') as Builder;
  const report = junit.newBuilder();
  const suite = report.testSuite().name(oneLine(head.name)).time(rounded(head.seconds));
  // As text: of a Date the library writes the local time.
  if (head.startedMs !== undefined) suite.timestamp(new Date(head.startedMs).toISOString());
  for (const [name, value] of Object.entries(head.properties ?? {})) suite.property(name, oneLine(value));
  const build = suite.build.bind(suite);
  // The library counts the skipped cases in the root, too, where the schema has no such attribute.
  suite.build = (root) => build(root?.removeAttribute('skipped'));
  for (const one of cases) addCase(suite, one);
  return `${report.build()}\n`;
}

/** Texts are set on the elements that the library builds. Its own way is CDATA, which breaks at the second `]]>`. */
function addCase(suite: TestSuite, { className, name, seconds, result, log }: TestCase): void {
  const added = suite.testCase().className(oneLine(className)).name(oneLine(name));
  if (seconds !== undefined) added.time(rounded(seconds));
  if (result !== undefined) added[result.kind]();
  const build = added.build.bind(added);
  added.build = (parent) => {
    const element = build(parent);
    if (result !== undefined) {
      // Of a failed, wrong or skipped case the library's only child.
      const child = element.children[0]?.att('message', xmlText(result.message));
      if (result.type !== undefined) child?.att('type', result.type);
      if (result.text !== undefined) child?.txt(xmlText(result.text));
    }
    if (log !== undefined) element.ele('system-out').txt(xmlText(log));
    return element;
  };
}

/**
 * The failure of a case: its heading is the first message, its text all of them; no messages: no failure.
 * @param withPlace puts the place of the failure into the first message, also where that is too long for a heading
 */
export function failure(
  type: string,
  messages: readonly string[],
  withPlace = (message: string) => message,
): { result?: CaseResult } {
  const [first, ...more] = messages;
  if (first === undefined) return {};
  const text = [withPlace(first), ...more].join('\n');
  return { result: { kind: 'failure', message: withPlace(oneLine(first)), type, text } };
}

/** Microseconds: fewer digits lose quick resources, and more are written with an exponent, which some readers refuse. */
function rounded(seconds: number): number {
  return Number(seconds.toFixed(6));
}

/** Escaping does not make these legal in XML 1.0; one of them and Jenkins drops the whole file. */
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const maxLineLength = 1_000;

/**
 * The text without what XML 1.0 cannot carry: control characters and halves of surrogate pairs. The library drops
 * these as well, but takes the character before such a half away with it.
 */
export function xmlText(text: string): string {
  return text.replace(illegal, '');
}

/** The same on one line, as readers make of an attribute anyway, and bounded: it is a heading in Jenkins. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  // Not cut between the halves of a pair: the illegal ones go last.
  return xmlText(line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line);
}
