import type { Redact } from '../report/secrets.ts';
import type { CatalogDifference, NodeDifferences } from './compare-catalogs.ts';
import {
  inlineText,
  movedText,
  showName,
  type ShownParameter,
  type ShownResource,
  showParameter,
  showResource,
} from './show-difference.ts';

const signs = { added: '+', removed: '-', changed: '~' };

/**
 * Catalog differences for a terminal, by groups of nodes and by resource, with the lines that differ of whatever has
 * several; ends with a line break.
 */
export function differenceText(groups: readonly NodeDifferences[], redact: Redact): string {
  if (groups.length === 0) return 'The catalogs do not differ.\n';
  return groups.map((group) => groupText(group, redact)).join('\n');
}

function groupText({ nodes, differences }: NodeDifferences, redact: Redact): string {
  const title = nodes.length === 1 ? (nodes[0] ?? '') : `${nodes.length} nodes: ${nodes.join(', ')}`;
  const lines = differences.flatMap((difference) => {
    const shown = showResource(difference, redact);
    const place = shown.place === '' ? '' : ` (${shown.place})`;
    return [
      `  ${signs[shown.change]} ${shown.name}${place}`,
      ...shown.lines.map(({ of, text }) => `${of === 'resource' ? '      ' : '        '}${text}`),
    ];
  });
  return [title, ...lines, ''].join('\n');
}

const valueLength = 40;

/**
 * The differences in at most so many lines, one for each parameter: `File[/etc/motd] mode: "0644" → "0600"`; what has
 * does not fit is counted in the last.
 */
export function differenceLines(
  differences: readonly CatalogDifference[],
  redact: Redact,
  max = 10,
): string[] {
  const lines = differences.flatMap((difference) => linesOf(difference, redact));
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

function linesOf(difference: CatalogDifference, redact: Redact): string[] {
  const name = showName(difference.resource, redact);
  if (difference.change === 'added') return [`${name} is new`];
  if (difference.change === 'removed') return [`${name} is gone`];
  const moved = movedText(difference, redact);
  return [
    ...difference.parameters.map((one) => `${name} ${parameterText(showParameter(difference, one, redact))}`),
    ...(moved === '' ? [] : [`${name} is ${moved}`]),
  ];
}

function parameterText(shown: ShownParameter): string {
  if ('note' in shown) return `${shown.name}: ${shown.note}`;
  if ('lines' in shown) return `${shown.name}: +${shown.added} -${shown.removed} lines`;
  return inlineText(shown, valueLength);
}

/** GitHub refuses a comment of more than 65,536 characters. */
const maxLength = 60_000;
/** Space for the line that says how much was left out. */
const noteLength = 200;
const maxNames = 20;
const words = { added: 'new', removed: 'gone', changed: 'changed' };

/**
 * Catalog differences as a comment on GitHub or GitLab: a heading for each group of nodes, below it each resource to
 * unfold. At most 60,000 characters; what does not fit is shown without its lines, or only counted.
 */
export function differenceMarkdown(groups: readonly NodeDifferences[], redact: Redact): string {
  if (groups.length === 0) return 'The catalogs do not differ.\n';
  let text = '';
  let left = 0;
  for (const { nodes, differences } of groups) {
    let heading = `### ${nodesText(nodes)}\n\n`;
    for (const difference of differences) {
      const shown = showResource(difference, redact);
      const space = maxLength - noteLength - text.length - heading.length;
      const piece = [resourceMarkdown(shown), summaryOf(shown)].find(({ length }) => length <= space);
      if (piece === undefined) left += 1;
      else {
        text += `${heading}${piece}`;
        heading = '';
      }
    }
  }
  if (left === 0) return text;
  return `${text}**${left} more ${left === 1 ? 'resource differs' : 'resources differ'}**: not all fit into a comment.\n`;
}

function resourceMarkdown(shown: ShownResource): string {
  const summary = summaryOf(shown);
  if (shown.lines.length === 0) return summary;
  return `<details><summary>${summary.trimEnd()}</summary>\n\n${fenced(shown.lines)}\n\n</details>\n\n`;
}

function summaryOf({ name, change, place }: ShownResource): string {
  const where = place === '' ? '' : ` (<code>${markdownText(place)}</code>)`;
  return `<code>${markdownText(name)}</code> ${words[change]}${where}\n\n`;
}

/** A fence that is longer than any in the text, so that nothing there ends it. */
function fenced(lines: ShownResource['lines']): string {
  // What begins with neither + nor - has no colour.
  const text = lines.map((line) => `${line.of === 'resource' ? ' ' : ''}${line.text}`).join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${text}\n${fence}`;
}

function nodesText(nodes: readonly string[]): string {
  const names = nodes.slice(0, maxNames).map((node) => `<code>${markdownText(node)}</code>`);
  const more = nodes.length - names.length;
  const list = [...names, ...(more === 0 ? [] : [`${more} more`])].join(', ');
  return nodes.length === 1 ? list : `${nodes.length} nodes: ${list}`;
}

/** Text of others within a line of markdown, whose own signs must not act either: `_` in a name would begin an emphasis. */
export function markdownText(text: string): string {
  return text
    .replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/[^\w\s/.:,-]|_/gu, (one) => `&#${one.codePointAt(0) ?? 0};`);
}
