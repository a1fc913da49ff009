import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { Overview } from '../overview/overview.ts';
import { indexView } from './index-view.ts';
import { nodeView } from './node-view.ts';
import { isoText, markup, timeText } from './show.ts';

/** The pages' only file that is no page. */
export const styleFile = 'style.css';

const partials = ['head', 'foot', 'age', 'state', 'timeline', 'phases', 'slowest', 'images'] as const;
const templates = ['index', 'node', ...partials] as const;

/** By their names; the spaces that indent a template would be a tenth of a page. */
const texts = Object.fromEntries(
  templates.map((name) => [name, fileText(`${name}.mustache`).replace(/^[ \t]+/gm, '')]),
) as Record<(typeof templates)[number], string>;

/** One file for the browser. */
const styles = [styleFile, 'images.css', 'plots.css'].map(fileText).join('\n');

function fileText(name: string): string {
  return readFileSync(new URL(`templates/${name}`, import.meta.url), 'utf8');
}

/** The files of the site with their texts, by their names: a page of all nodes, one of each, what they look like. */
export function pagesOf(overview: Overview): Map<string, string> {
  const { nodes, madeMs, account, regions } = overview;
  const page = (template: 'index' | 'node', file: string, view: object) => {
    const common = {
      ...{ file, account, regions: regions.join(', '), made: timeText(madeMs), iso: isoText(madeMs) },
    };
    const whole = { ...common, ...view };
    return [file, Mustache.render(texts[template], whole, texts, { escape: markup })] as const;
  };
  return new Map([
    page('index', 'index.html', { title: 'Images of all nodes', ...indexView(overview, pageOf) }),
    ...nodes.map((known) =>
      page('node', pageOf(known.node), { title: `Images of ${known.node}`, ...nodeView(known, madeMs) }),
    ),
    [styleFile, styles],
  ]);
}

/** The file of a node's page: that of a node with the name `index` would be the page of all nodes. */
export function pageOf(node: string): string {
  // No node's name has a `_`.
  return node === 'index' ? 'index_.html' : `${node}.html`;
}

/** Whether the text of a file is a page, or the style sheet, that this program wrote under this name. */
export function isOurs(file: string, text: string): boolean {
  if (file === styleFile) return text.startsWith('/* bakehouse report: style.css ');
  return text.slice(0, 400).includes(`<meta name="bakehouse-report" content="${markup(file)}"/>`);
}
