import type { Redact } from '../report/secrets.ts';
import type { NodeDifferences } from './group-differences.ts';
import { showResource } from './show-resource.ts';

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
