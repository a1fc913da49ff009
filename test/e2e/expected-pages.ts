import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from '@jest/globals';
import type { StageEnd } from '../cli/stage-process.ts';
import { hasChromium, startBrowser, watchedPage } from '../report/browser.ts';

/** The pages of a node after a bake: in Chromium, where it is there, and else their text. */
export async function expectPages(
  folder: string,
  nodesFile: string,
  { node, images }: { node: string; images: readonly [newest: string, older: string] },
  run: (name: string, ...args: string[]) => Promise<StageEnd>,
): Promise<void> {
  const site = join(folder, 'site');
  const end = await run('report', '--out', site, '--nodes', nodesFile, '--reports', join(folder, 'reports'));
  expect(end).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(join(site, 'index.html')) });
  const page = readFileSync(join(site, `${node}.html`), 'utf8');
  const [newest] = images;
  for (const image of images) expect(page).toContain(`<th>${image}`);
  // Puppet's changes with their place, the phases of the bake, contents and what changed in them.
  expect(page).toMatch(/<td>(manifests|modules|site)[^<]*\.pp:\d+<\/td>/);
  expect(page).toContain('How long each phase took');
  expect(page).toContain(`to the newest, <span class="id">${newest}</span>`);
  expect(page).toContain('redis-server');
  if (!hasChromium) return;
  const start = pathToFileURL(site).href;
  const browser = await startBrowser();
  try {
    const { page: shown, faults } = await watchedPage(browser, start);
    await shown.goto(`${start}/index.html`);
    const row = shown.locator('table.nodes tbody tr', { hasText: newest });
    expect(await row.innerText()).toMatch(new RegExp(`${node}\\s+${newest}\\s+✓? ?verified`));
    await row.getByText(newest).first().click();
    expect(shown.url()).toBe(`${start}/${node}.html#${newest}`);
    const rows = shown.locator('table.images tbody tr');
    expect(await rows.locator('th').allInnerTexts()).toEqual(
      images.map((image) => expect.stringContaining(image)),
    );
    expect(await rows.locator('td.verified').count()).toBe(2);
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
}
