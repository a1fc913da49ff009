import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pagesOf } from '../../src/report/pages.ts';
import { writeSite } from '../../src/report/write-site.ts';
import { temporaryFolder } from '../cli/stage-process.ts';
import { hasChromium, startBrowser } from '../report/browser.ts';
import { exampleOverview } from '../report/example-overview.ts';
import { figures, timed } from './figures.ts';

/** The pages of 60 nodes with 50 images each: made, written, and opened in Chromium. Goals: 2 MB in all, 1 s for each. */
export async function benchPages(runs = 5): Promise<string[]> {
  if (!hasChromium) return ['pages: not measured, since there is no Chromium'];
  const folder = temporaryFolder();
  const overview = exampleOverview(60, 50);
  const pages = pagesOf(overview);
  const bytes = [...pages.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const browser = await startBrowser();
  const [written, opened]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const site = join(folder.path, String(run));
    written.push(await timed(() => writeSite(site, pagesOf(overview))));
    const page = await browser.newPage();
    const address = pathToFileURL(join(site, 'index.html')).href;
    opened.push(await timed(() => page.goto(address)));
    await page.close();
  }
  await browser.close();
  folder.remove();
  return [
    `pages of 60 nodes × 50 images:        ${(bytes / 1e6).toFixed(2)} MB (goal 2)`,
    `made and written:                     ${figures(written)} (goal 1 s)`,
    `the page of all nodes, open:          ${figures(opened)} (goal 1 s)`,
  ];
}
