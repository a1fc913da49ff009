import { mkdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { visible } from '../../src/lib/printable.ts';
import { pagesOf } from '../../src/report/pages.ts';
import { writeSite } from '../../src/report/write-site.ts';
import { temporaryFolder } from '../cli/stage-process.ts';
import { axeViolations, hasChromium, linksOf, serveSite, startBrowser, watchedPage } from './browser.ts';
import { exampleOverview } from './example-overview.ts';
import { hostile, overviewWith } from './hostile.ts';

/** The pages in Debian's Chromium, as Jenkins serves them. */

const folder = temporaryFolder();
const site = join(folder.path, 'site');
const pages = pagesOf(exampleOverview(4, 12, 30));
const names = [...pages.keys()].filter((name) => name.endsWith('.html'));
const themes = ['light', 'dark'] as const;
/** CI keeps it: BAKEHOUSE_SCREENSHOTS names it. */
const screenshots = process.env.BAKEHOUSE_SCREENSHOTS ?? join(folder.path, 'screenshots');
let browser: Browser;
let server: Server;
let url: string;

const browserTest = hasChromium ? test : test.skip;

beforeAll(async () => {
  await writeSite(site, pages);
  mkdirSync(screenshots, { recursive: true });
  if (!hasChromium) return;
  ({ url, server } = await serveSite(site));
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  if (hasChromium) {
    await browser.close();
    server.close();
  }
  folder.remove();
});

describe('the pages in Chromium', () => {
  browserTest.each(['served', 'file'])(
    'lead to each other without a console error or a request to anywhere else (%s)',
    async (how) => {
      const start = how === 'served' ? url : `${pathToFileURL(site).href}/`;
      const { page, faults, context } = await watchedPage(browser, start);
      const open = [`${start}index.html`];
      const seen = new Set<string>();
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        await page.goto(next);
        const { hash } = new URL(next);
        if (hash !== '')
          expect([next, await page.locator(`[id="${hash.slice(1)}"]`).count()]).toEqual([next, 1]);
        else open.push(...(await linksOf(page)));
      }
      expect(faults).toEqual([]);
      expect([...seen].filter((one) => !one.includes('#')).map((one) => one.slice(start.length))).toEqual(
        expect.arrayContaining(names),
      );
      // The style sheet is taken: under the policy, too.
      expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none');
      await context.close();
    },
    60_000,
  );

  browserTest.each(themes)(
    'have no violation that axe-core finds, opened up, in the %s theme',
    async (colorScheme) => {
      const { page, context } = await watchedPage(browser, url, { bypassCSP: true, colorScheme });
      for (const name of names.slice(0, 3)) {
        await page.goto(`${url}${name}`);
        const path = join(screenshots, `${name.replace('.html', '')}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        expect([name, await axeViolations(page)]).toEqual([name, []]);
      }
      await context.close();
    },
    60_000,
  );

  browserTest(
    'show text of others with markup in each field, and run none of it',
    async () => {
      for (const text of hostile) {
        const bad = join(folder.path, 'hostile');
        await writeSite(bad, pagesOf(overviewWith((field) => `${text}${field}`)));
        const start = pathToFileURL(bad).href;
        const { page, faults, context } = await watchedPage(browser, start);
        for (const name of ['index.html', 'app.html']) {
          await page.goto(`${start}/${name}`);
          expect(await page.title()).toMatch(/^Images of /);
          expect(
            await page.evaluate('document.querySelectorAll("script, img, style, [onmouseover]").length'),
          ).toBe(0);
          // As it stands, but for what cannot be seen.
          const shown = visible(text).slice(0, 40);
          expect(await page.evaluate<string>('document.body.textContent')).toContain(shown);
        }
        expect(faults).toEqual([]);
        await context.close();
      }
    },
    60_000,
  );

  browserTest('are reached by the Tab key: first a link past the head, then all others', async () => {
    const { page, context } = await watchedPage(browser, url);
    await page.goto(`${url}index.html`);
    const focused = () => page.evaluate<string>("document.activeElement.getAttribute('href') ?? ''");
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('#main');
    const reached = new Set<string>();
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('Tab');
      reached.add(await focused());
    }
    expect([...reached]).toEqual(expect.arrayContaining(names.filter((name) => name !== 'index.html')));
    await context.close();
  });

  browserTest('print dark on white, whatever the theme', async () => {
    const { page, context } = await watchedPage(browser, url, { colorScheme: 'dark' });
    await page.goto(`${url}${names[1]}`);
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(await ground()).toBe('rgb(23, 22, 19)');
    await page.emulateMedia({ media: 'print' });
    expect(await ground()).toMatch(/^rgba\(0, 0, 0, 0\)$/);
    const text = await page.evaluate('getComputedStyle(document.documentElement).color');
    expect(text).toBe('rgb(35, 33, 29)');
    await context.close();
  });

  browserTest('fit a screen of 400 pixels: what is wider scrolls in its own box', async () => {
    const { page, context } = await watchedPage(browser, url, { viewport: { width: 400, height: 800 } });
    for (const name of names.slice(0, 2)) {
      await page.goto(`${url}${name}`);
      const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
      expect([name, ...widths]).toEqual([name, 400, 400]);
    }
    await context.close();
  });

  test('need no script and no style within them', () => {
    for (const name of names) {
      const text = readFileSync(join(site, name), 'utf8');
      expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
    }
  });
});
