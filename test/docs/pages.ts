import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cli/stage-process.ts';

/** A Markdown page of the project, by its path from the root. */
export interface Page {
  path: string;
  text: string;
}

export const readPage = (path: string): Page => ({ path, text: readFileSync(join(root, path), 'utf8') });

/** All pages for people: README, docs/, and what lies beside them. */
export const pages: readonly Page[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'templates/puppet-server/README.md'],
  // Pictures lie in a folder of their own.
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
].map(readPage);

/** The code blocks of a page. */
export function blocksOf({ text }: Page): string[] {
  return [...text.matchAll(/^```.*\n([^]*?)^```/gm)].map(([, code = '']) => code);
}

/** A page without its code blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```.*\n[^]*?^```/gm, '');
}

/** What stands in backticks in a page's prose. */
export function codeOf(page: Page): string[] {
  return [...proseOf(page).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
