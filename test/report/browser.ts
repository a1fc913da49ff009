import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const program = '/usr/bin/chromium';

const isDebianCi =
  process.env.CI !== undefined && readFileSync('/etc/os-release', 'utf8').includes('\nID=debian\n');
/** Debian's Chromium; Ubuntu has none outside of a snap. In CI on Debian a missing one is a failure. */
export const hasChromium = existsSync(program) || isDebianCi;
if (!hasChromium)
  process.stderr.write(`${program} is not there: the tests of the pages in a browser are skipped\n`);

/** Starts Chromium, which as root has no sandbox. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
}

/** What Jenkins sends with each file of an archive. */
export const jenkinsPolicy =
  "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";

/** Serves a folder's files as Jenkins does; answers the address of the folder. */
export async function serveSite(folder: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const name = basename(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const type = name.endsWith('.css') ? 'text/css' : 'text/html';
    // Jenkins has an icon of its own.
    if (name === 'favicon.ico') return void response.writeHead(204).end();
    readFile(join(folder, name)).then(
      (text) => {
        const headers = { 'content-type': `${type}; charset=utf-8`, 'x-content-type-options': 'nosniff' };
        response.writeHead(200, { ...headers, 'content-security-policy': jenkinsPolicy }).end(text);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** A page that notes what no page of ours does: messages on the console, errors, requests to anywhere but the site. */
export async function watchedPage(browser: Browser, site: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(site)) faults.push(`request: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return { page, faults, context };
}

/** The targets of a page's links. */
export function linksOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('Array.from(document.links, (link) => link.href)');
}

interface AxeResult {
  violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** What axe-core finds wrong, in lines. The page's context must bypass the policy, under which no script runs. */
export async function axeViolations(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
