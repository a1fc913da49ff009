import { cutMiddle } from '../../lib/printable.ts';
import { consoleError, plainText } from './console.ts';
import { readable, inEnvironment, withPlace } from './place.ts';
import { runFailure } from './run-failure.ts';
import { redactor } from './secrets.ts';

/** Why Puppet's run in a bake failed, by what it printed. */
export interface ConsoleFailure {
  /** One line for a person. */
  message: string;
  /** What kept an agent from its catalog, or `not-compiled`; absent where resources failed. */
  reason?: string;
}

/** What Puppet prints of a resource that it could not bring about: `/Stage[main]/Web/Exec[x]/returns: change from …`. */
const failedResource = /^Error: (\/?Stage\[.*?\]\/.*?\])(?:\/\w+)?: (?:change from .*? failed: )?(.*)$/;
const message = /^(?:Error|Warning|Notice|Info|Debug|Critical|Alert|Emergency): /;
const maxPart = 250;
const redact = redactor([]);

/**
 * The cause in what Puppet printed: what kept it from a catalog, else the first resource that failed with the last line of
 * its output, and how many others failed. Undefined: it printed no error.
 */
export function consoleFailure(consoleText: string): ConsoleFailure | undefined {
  const failure = failureIn(consoleText);
  // It is shown and recorded; a command's output may hold anything.
  return failure && { ...failure, message: redact(failure.message) };
}

function failureIn(consoleText: string): ConsoleFailure | undefined {
  const known = runFailure(consoleText);
  if (known !== undefined) return { reason: known.reason, message: withPlace(known.message, known) };
  const text = plainText(consoleText);
  const blocks = blocksOf(text);
  const failed = new Map<string, string[]>();
  for (const [first = '', ...rest] of blocks) {
    const [, path = '', why = ''] = failedResource.exec(first) ?? [];
    const resource = /([A-Z][\w:]*\[.*\])$/s.exec(lastResource(path))?.[1];
    if (resource !== undefined && !failed.has(resource)) failed.set(resource, [why, ...rest]);
  }
  const [one] = failed;
  if (one !== undefined) {
    const [resource, lines] = one;
    const others = failed.size > 1 ? `, and ${failed.size - 1} more` : '';
    return { message: `${resource} failed: ${whyFailed(lines, outputOf(resource, text))}${others}` };
  }
  const error = consoleError(text);
  if (error === undefined) return undefined;
  if (text.includes('Applying configuration version')) return { message: short(readable(error.message)) };
  const place = inEnvironment(error);
  return {
    reason: 'not-compiled',
    message: withPlace(`the catalog did not compile: ${short(readable(error.message))}`, place),
  };
}

/** What Puppet printed, an entry for each message with the lines that follow it. */
function blocksOf(text: string): string[][] {
  const blocks: string[][] = [];
  for (const line of text.split('\n')) {
    if (message.test(line)) blocks.push([line]);
    else if (!line.startsWith('bakehouse: ')) blocks.at(-1)?.push(line);
  }
  return blocks;
}

/** The last resource of a path, whose title may hold slashes: `/Stage[main]/Web/File[/etc/x]`. */
function lastResource(path: string): string {
  let depth = 0;
  for (let at = path.length - 1; at >= 0; at -= 1) {
    if (path[at] === ']') depth += 1;
    else if (path[at] === '[') depth -= 1;
    else if (path[at] === '/' && depth === 0) return path.slice(at + 1);
  }
  return path;
}

/** What a command of the resource printed: Puppet logs it before the error. */
function outputOf(resource: string, text: string): string | undefined {
  const marker = `/${resource}/returns: `;
  const line = text.split('\n').findLast((one) => one.startsWith('Notice: ') && one.includes(marker));
  return line?.slice(line.indexOf(marker) + marker.length);
}

/**
 * Why a resource failed, in one line: the first of Puppet's lines says what it wanted; what the program or the journal said
 * last is nearest to the cause. `output` is what a command of the resource printed last.
 */
export function whyFailed([first = '', ...rest]: string[], output: string | undefined): string {
  const said = rest.filter((line) => line.trim() !== '' && !/^-- .* --$/.test(line));
  const apt = said.find((line) => /^(?:E: |dpkg: error)/.test(line));
  const last = output ?? apt ?? said.at(-1);
  // `Execution of '…' returned 100: Reading package lists...`: what begins there goes on in the next lines.
  const head = short(readable(rest.length > 0 ? first.replace(/(returned \d+): .*$/, '$1') : first));
  return last === undefined || head.endsWith(last.trim()) ? head : `${head}: ${short(readable(last))}`;
}

/** One line, in bounds; what is secret is taken out before the cut, which would leave halves that nobody knows. */
function short(text: string): string {
  return cutMiddle(redact(text.replace(/\s+/g, ' ').trim()), maxPart);
}
