import { cutMiddle } from '../lib/printable.ts';
import { inEnvironment } from '../puppet/report/place.ts';
import type { ResourceOutcome, RunVerdict } from './verdict.ts';

/** What Puppet's run did. */
export interface PuppetOverview {
  changed: number;
  unchanged: number;
  failed: number;
  skipped: number;
  /** What Puppet changed: `File[/etc/motd]`, each with its messages; at most 200. */
  changes: ResourceLine[];
  /** The slowest first, at most 10. */
  slowest: (ResourceLine & { seconds: number })[];
}

export interface ResourceLine {
  resource: string;
  /** Of the manifest. */
  file?: string | undefined;
  line?: number | undefined;
  messages: string[];
}

const maxChanges = 200;
const maxSlowest = 10;
/** Of a resource: a changed file logs its whole difference. */
const maxMessages = 5;
const maxMessageLength = 300;

/** Puppet's run as verify.json keeps it, without secrets; undefined: nothing is known of its resources. */
export function puppetOverview({ resources, counts }: RunVerdict): PuppetOverview | undefined {
  if (resources.length === 0) return undefined;
  const { changed, unchanged, failed, skipped } = counts;
  return {
    ...{ changed, unchanged, failed, skipped },
    changes: resources
      .filter(({ result }) => result === 'changed')
      .slice(0, maxChanges)
      .map(lineOf),
    slowest: resources
      .filter(({ seconds }) => seconds > 0)
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, maxSlowest)
      .map((one) => ({ ...lineOf(one), seconds: one.seconds })),
  };
}

function lineOf(outcome: ResourceOutcome): ResourceLine {
  const { resource, file, line, messages, log = [] } = outcome;
  // Of what failed or was skipped the messages say why; of what changed there is only what was logged.
  const said = messages.length > 0 ? messages : log;
  return {
    resource,
    ...inEnvironment({ ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }),
    messages: said.slice(0, maxMessages).map((message) => cutMiddle(message, maxMessageLength)),
  };
}
