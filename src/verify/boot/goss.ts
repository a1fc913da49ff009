import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { z } from 'zod';
import type { ImageCase } from '../verdict.ts';
import type { SshSession } from './ssh-session.ts';

/** How long goss itself retries. */
const retrySeconds = 60;
const folder = '/tmp/bakehouse-goss';

/** What `goss validate --format json` prints, as far as a case needs it (goss 0.3 and 0.4). */
const resultsSchema = z.object({
  results: z
    .array(
      z.object({
        successful: z.boolean(),
        // What the goss file leaves out.
        skipped: z.boolean().default(false),
        'resource-type': z.string().default('goss'),
        'resource-id': z.string(),
        property: z.string().default(''),
        'summary-line': z.string().default(''),
      }),
    )
    .min(1, 'names no test'),
});

/**
 * Runs goss with the node's goss file on a server. Returns a case for each of its results. The image's own goss runs,
 * or else the one that `binary` names here.
 * @param file holds all its tests itself: what it includes or takes as variables does not come along
 * @param binary `GOSS_PATH`, as dgoss has it
 */
export async function gossCases(
  file: string,
  binary: string | undefined,
  session: SshSession,
): Promise<ImageCase[]> {
  const failed = (problem: string): ImageCase[] => [
    { name: 'goss ran', group: 'Check', problems: [problem] },
  ];
  const unread = await unreadable(file);
  if (unread !== undefined) return failed(`the goss file ${file} cannot be read (${unread})`);
  const there = await session.run(`install -d -m 700 ${folder}\ncommand -v goss`, [], 60_000);
  if (there.exitCode === 255) return failed(`the server could not be reached: ${there.stderr.trim()}`);
  if (there.exitCode !== 0) {
    if (binary === undefined || binary === '')
      return failed('the image has no goss: bake it in, or name a binary here with GOSS_PATH');
    const missing = await unreadable(binary);
    if (missing !== undefined) return failed(`GOSS_PATH names ${binary}, which cannot be read (${missing})`);
    const sent = await session.send(binary, `${folder}/goss`);
    if (sent.exitCode !== 0)
      return failed(`${binary} could not be copied to the server: ${sent.stderr.trim()}`);
  }
  const sent = await session.send(file, `${folder}/goss.yaml`);
  if (sent.exitCode !== 0) return failed(`${file} could not be copied to the server: ${sent.stderr.trim()}`);
  const end = await session.run(script, [], (retrySeconds + 60) * 1_000);
  const cases = parseGoss(end.stdout);
  if (cases === undefined) {
    const said = (end.stderr.trim() || end.stdout.trim()).split('\n').at(-1) ?? '';
    return failed(`goss ended with exit code ${String(end.exitCode)} and no results: ${said}`);
  }
  if (cases.length === 0) return failed('goss skipped all of its tests');
  // Whatever it did not put into a result.
  const good = cases.every(({ problems }) => problems.length === 0);
  return end.exitCode === 0 || !good
    ? cases
    : [...cases, ...failed(`goss ended with exit code ${String(end.exitCode)}`)];
}

/** Why a file cannot be read: `ENOENT`. */
async function unreadable(file: string): Promise<string | undefined> {
  return access(file, constants.R_OK).then(
    () => undefined,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
}

const script = `cd ${folder}
if [ -f goss ]; then chmod 700 goss; PATH=$PATH:${folder}; fi
goss --gossfile goss.yaml validate --format json --no-color --retry-timeout ${retrySeconds}s --sleep 1s
`;

/** The cases in goss's JSON, a document on a line, of which it prints one for each try: the last counts. */
export function parseGoss(output: string): ImageCase[] | undefined {
  const line = output.split('\n').findLast((one) => one.startsWith('{'));
  let data: unknown;
  try {
    data = JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
  const parsed = resultsSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const tried = parsed.data.results.filter(({ skipped }) => !skipped);
  return tried.map((result) => ({
    name: `${result['resource-type']} ${result['resource-id']} ${result.property}`.trim(),
    group: 'Check',
    problems: result.successful ? [] : [result['summary-line'] || 'goss says that it does not hold'],
  }));
}
