import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pagesOf } from '../../src/report/pages.ts';
import { writeSite } from '../../src/report/write-site.ts';
import { startBrowser, watchedPage } from './browser.ts';
import { exampleOverview } from './example-overview.ts';

/** `node --import tsx test/report/screenshot.ts` makes the picture of README anew, of the tests' example. */
const folder = mkdtempSync(join(tmpdir(), 'bakehouse-screenshot-'));
const picture = fileURLToPath(new URL('../../docs/images/report.png', import.meta.url));
const browser = await startBrowser();
try {
  await writeSite(folder, pagesOf(exampleOverview(6, 14)));
  const start = pathToFileURL(folder).href;
  const { page } = await watchedPage(browser, start, { viewport: { width: 1180, height: 760 } });
  await page.goto(`${start}/index.html`);
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
