import { cloudProblemIn } from '../aws/cloud-problem.ts';
import { builderKeys } from '../nodes/builder-keys.ts';
import type { Node } from '../nodes/node.ts';
import { redactor } from '../puppet/report/secrets.ts';

/** What Packer's output says of a bake that failed. */
export interface PackerFailure {
  /** Packer itself, or its plugin, died of a bug. */
  crashed: boolean;
  /** Why Packer refused the pack, before it began. */
  refusals: readonly string[];
  /** Why the build ended, in Packer's words; undefined: it does not say. */
  error: string | undefined;
  /** EC2's reason for an instance that did not come up: `Server.InternalError: …`. */
  stateReason: string | undefined;
  /** The newest script, and what it printed. */
  script: RunScript | undefined;
}

/** A script that Packer ran. */
export interface RunScript {
  /** `bootstrap.sh`; one that Packer makes of lines in the pack has no name of its own. */
  name: string;
  /** It ran on this computer, not on the new machine. */
  local: boolean;
  lines: { text: string; stderr: boolean }[];
}

/** Why a bake failed, in one line for a person. */
export interface Cause {
  message: string;
  /** A tool, this computer's disk or the cloud is to blame: the same bake may well succeed later. */
  unavailable: boolean;
}

const redact = redactor([]);
const maxLength = 400;
const elsewhere = 'see packer.log';
/** Where one of our own scripts says why it ends the bake. */
const ourScript = /^.*\b(?:judge|collect|bootstrap|seal)\.sh: (?!sealed|warning: )/;
/** dash's printf, tar and Go's own words. */
const diskFull = /no space left on device|I\/O error|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/i;
const network =
  /Temporary failure resolving|Could not (?:resolve|connect)|Unable to connect|Connection (?:timed out|failed|refused)|\b50[234]\b/;

/**
 * The cause of a failed bake. What a script prints never makes the cloud unavailable: only Packer's own words do.
 * @param node the one that was baked, whose entry in nodes.yaml may be the cause
 */
export function causeOf(failure: PackerFailure, node?: Pick<Node, 'name' | 'puppet'>): Cause {
  const { crashed, refusals, error, stateReason, script } = failure;
  if (crashed) return { message: 'Packer crashed: see crash.log', unavailable: true };
  const [refusal] = refusals;
  if (error === undefined) {
    return {
      message: refusal === undefined ? `Packer failed without saying why: ${elsewhere}` : refused(refusal),
      unavailable: false,
    };
  }
  const exit = /^Script exited with non-zero exit status: (\d+)/.exec(error)?.[1];
  if (exit !== undefined) return withPlace(scriptCause(script, Number(exit)), node);
  // Go says so in small letters; `scp: …: No space left` is of the new machine.
  if (/(?<!scp: .*)no space left on device|disk quota exceeded/.test(error)) {
    return { message: `this computer's disk is full: ${oneLine(error)}`, unavailable: true };
  }
  const said = [error, ...(stateReason === undefined ? [] : [stateReason])];
  return {
    message: said.map(oneLine).join(': '),
    unavailable: said.some((text) => cloudProblemIn(text) !== undefined),
  };
}

/** Why Packer does not take a pack: the list below its first line, which names only the builder. */
function refused(text: string): string {
  const [head = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '');
  const points: string[] = [];
  for (const line of rest) {
    const point = /^\s*\* (.*)/.exec(line)?.[1];
    if (point !== undefined) points.push(point);
    else if (points.length > 0) points.push(`${points.pop() ?? ''} ${line.trim()}`);
  }
  const [first] = points;
  if (first !== undefined) {
    const point = oneLine(first).replaceAll(/'"|"'/g, "'");
    const key = /^unknown configuration key: '([^']+)'/.exec(point)?.[1] ?? '';
    const tooOld = Object.hasOwn(builderKeys, key) ? ', which a newer amazon plugin knows' : '';
    return `Packer refuses the pack: ${point}${tooOld}${others(points.length - 1)}`;
  }
  const vague = /^Error: Failed to (?:prepare|initialize) build/.test(head) && rest.length > 0;
  return `Packer refuses the pack: ${oneLine((vague ? rest : [head, ...rest]).join('\n'))}`;
}

/** bootstrap.sh knows neither the node nor where nodes.yaml asks for its Puppet. */
function withPlace(cause: Cause, node: Pick<Node, 'name' | 'puppet'> | undefined): Cause {
  if (node?.puppet === undefined) return cause;
  const asks = `which node ${node.name} asks for (${node.puppet.askedAt})`;
  return { ...cause, message: cause.message.replace('which nodes.yaml asks for', () => asks) };
}

function scriptCause(script: RunScript | undefined, exit: number): Cause {
  // Without secrets before anything is cut. Packer's own words stay: `ExpiredToken: The …` is none.
  const lines = (script?.lines ?? [])
    .map(({ text, stderr }) => ({ text: redact(text).trim(), stderr }))
    .filter(({ text }) => text !== '');
  const texts = lines.map(({ text }) => text);
  const name = script?.name ?? 'a script';
  const full = texts.findLast((text) => diskFull.test(text));
  if (full !== undefined) {
    const whose = script?.local === true ? "this computer's disk" : "the new machine's disk";
    return { message: `${whose} is full: ${name}: ${oneLine(full)}`, unavailable: script?.local === true };
  }
  const ours = texts.findLast((text) => ourScript.test(text));
  if (ours !== undefined) return { message: oneLine(ours.replace(ourScript, '')), unavailable: false };
  const apt = aptError(texts);
  const line =
    apt ??
    (exit === 126 ? texts.findLast((text) => /Permission denied|not executable/i.test(text)) : undefined) ??
    (exit === 127 ? texts.findLast((text) => text.includes('not found')) : undefined) ??
    lines.findLast(({ stderr }) => stderr)?.text ??
    texts.at(-1);
  return {
    message: `${name} ended with exit code ${exit}: ${line === undefined ? `it says nothing: ${elsewhere}` : oneLine(line)}`,
    // Its own packages come from the distribution's mirror; what the manifests want is the manifests' business.
    unavailable: apt !== undefined && name === 'bootstrap.sh' && network.test(apt),
  };
}

/** apt's first error: those after it only follow. Where dpkg failed, apt says no more than that. */
function aptError(texts: readonly string[]): string | undefined {
  const [first, second] = texts.filter((text) => text.startsWith('E: '));
  if (!first?.startsWith('E: Sub-process')) return first;
  return texts.find((text) => /^dpkg(?:-\w+)?: error/.test(text)) ?? second ?? first;
}

/** `, and 2 more`; empty for none. */
function others(count: number): string {
  return count > 0 ? `, and ${count} more` : '';
}

/** A message of several lines in one, without what only AWS's support needs, and bounded. */
function oneLine(text: string): string {
  const line = text
    .replace(/^\s*status code: \d+(?:, (?:host|request) id: .*)?$/gm, '')
    .replace(/, exceeded maximum number of attempts, \d+/, '')
    .replace(/https response error StatusCode: \d+, RequestID: [^,]*, /, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength).toWellFormed()}…`;
}
