import type { Redact } from '../report/secrets.ts';
import type { NodeDifferences } from './group-differences.ts';
import { type ShownResource, showResource } from './show-resource.ts';

/** GitHub refuses a comment of more than 65,536 characters. */
const maxLength = 60_000;
/** Room for what tells how much was left out. */
const noteLength = 200;
const maxNames = 20;
const words = { added: 'new', removed: 'gone', changed: 'changed' };

/**
 * Catalog differences as a comment on GitHub or GitLab: a heading for each group of nodes, below it each resource to
 * unfold. At most 60,000 characters; what has no room is shown without its lines, or only counted.
 */
export function differenceMarkdown(groups: readonly NodeDifferences[], redact: Redact): string {
  if (groups.length === 0) return 'The catalogs do not differ.\n';
  let text = '';
  let left = 0;
  for (const { nodes, differences } of groups) {
    let heading = `### ${nodesText(nodes)}\n\n`;
    for (const difference of differences) {
      const shown = showResource(difference, redact);
      const room = maxLength - noteLength - text.length - heading.length;
      const piece = [resourceMarkdown(shown), summaryOf(shown)].find(({ length }) => length <= room);
      if (piece === undefined) left += 1;
      else {
        text += `${heading}${piece}`;
        heading = '';
      }
    }
  }
  if (left === 0) return text;
  return `${text}**${left} more ${left === 1 ? 'resource differs' : 'resources differ'}**: there is no room for all in a comment.\n`;
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
