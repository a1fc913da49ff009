import { codeOf } from '../../aws/ec2-failure.ts';
import { exitCode, exitCodeOf } from '../../lib/errors.ts';
import type { ImageCase } from '../verdict.ts';
import {
  type Entered,
  type ServerEntry,
  enterServer,
  type EntryDeps,
  type Watched,
  watchServices,
} from './enter-server.ts';
import { judgeImage } from './judge-image.ts';
import type { BakedImage } from './launch-servers.ts';
import type { SshSession } from './ssh-session.ts';

/** What must hold on a server besides, such as the node's checks. */
export type Trial = (session: SshSession) => Promise<ImageCase[]>;

/** An image, and what its servers are examined for. */
export interface Examination extends BakedImage, ServerEntry {
  /** Each runs on the first server, once both have been probed. */
  trials: readonly Trial[];
}

/** What an examination needs. */
export interface ExamineDeps extends EntryDeps {
  /** Makes a key: the file of its private half, and the public one as OpenSSH writes it. */
  makeKey: () => Promise<LaunchKey>;
  progress: (node: string, line: string) => void;
}

interface LaunchKey {
  keyFile: string;
  publicKey: string;
  forget: () => Promise<void>;
}

/** What an examination came to. */
export interface Examined {
  /** What the servers showed; or why they say nothing of the image. */
  shown: ImageCase[] | { unavailable: string };
  /** What could not be removed, each with the reason. */
  leftovers: string[];
}

/**
 * Launches two servers of an image, examines them and terminates them. Whatever happens, it removes what it launched,
 * and what an earlier examination left that was killed.
 */
export async function examineImage(image: Examination, deps: ExamineDeps): Promise<Examined> {
  const { node, run, signal } = image;
  const { servers, progress } = deps;
  const bake = { node: node.name, run };
  const key = await deps.makeKey();
  let ids: string[] = [];
  let end: Pick<Examined, 'shown'> | { bug: unknown };
  try {
    const before = await servers.remove(bake);
    if (before.length > 0) {
      // Each try would leave two more.
      end = { shown: { unavailable: 'the servers that an earlier verify --boot left cannot be removed' } };
    } else {
      progress(node.name, `launching two servers of ${image.imageId}`);
      ids = await servers.launch(image, key.publicKey);
      end = { shown: await casesOf(ids, key, image, deps) };
    }
  } catch (error) {
    const shown = notOfImage(error, signal);
    end = shown === undefined ? { bug: error } : { shown };
  }
  let leftovers: string[];
  try {
    leftovers = await servers.remove(bake, ids);
  } finally {
    await key.forget();
  }
  for (const what of leftovers) progress(node.name, `warning: could not be removed: ${what}`);
  if ('bug' in end) throw end.bug;
  return { shown: signal.aborted ? { unavailable: interrupted } : end.shown, leftovers };
}

/** Enters both servers, judges the image by them, runs the trials on the first, and probes the services again. */
async function casesOf(
  ids: readonly string[],
  { keyFile, publicKey }: LaunchKey,
  image: Examination,
  deps: ExamineDeps,
): Promise<ImageCase[]> {
  // All of them, also when one throws: none may go on with a key that is forgotten.
  const entries = await Promise.allSettled(ids.map((id) => enterServer(id, keyFile, image, deps)));
  const entered = entries.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  const enteredMs = deps.clock.now();
  const cases = judgeImage(entered, image.builder, publicKey.split(' ')[1] ?? '');
  // Not before both have been probed: a trial may change the server.
  const [first] = entered;
  if (first === undefined || 'failure' in first) return cases;
  deps.progress(image.node.name, 'examined both servers; now the checks on one of them');
  const tried: ImageCase[] = [];
  for (const trial of image.trials) {
    if (image.signal.aborted) break;
    tried.push(...(await trial(first.session)));
  }
  const up = entered.filter((one): one is Entered => !('failure' in one));
  const watched = await Promise.all(up.map((server) => watchServices(server, enteredMs, image, deps)));
  const all = withWatched(cases, watched);
  // A service that does not run is named once: Puppet would start it, too.
  const named = new Set(all.filter(({ problems }) => problems.length > 0).map(({ name }) => name));
  return [...all, ...tried.filter(({ name }) => !named.has(`runs ${name}`))];
}

/** The cases with what the last probe of the services found besides. */
function withWatched(cases: readonly ImageCase[], watched: readonly Watched[]): ImageCase[] {
  const failures = watched.flatMap((one) => ('failure' in one ? [one.failure] : []));
  return cases.map((one) => {
    const found = watched.flatMap((services) =>
      'failure' in services ? [] : (services.get(one.name.replace(/^runs Service\[(.*)\]$/, '$1')) ?? []),
    );
    const more = one.name === 'boots' ? failures : found;
    return { ...one, problems: [...new Set([...one.problems, ...more])] };
  });
}

const interrupted = 'verify --boot was interrupted';

/**
 * What an error says that is no bug of ours. That the image is gone is said of the image. What the account lacks, what
 * EC2 refuses or is away for, and what this computer lacks say nothing of it.
 */
function notOfImage(error: unknown, signal: AbortSignal): Examined['shown'] | undefined {
  if (signal.aborted && (error === signal.reason || (error as Error).name === 'AbortError'))
    return { unavailable: interrupted };
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  if (code.startsWith('InvalidAMIID.')) return [{ name: 'boots', problems: [`${code}: ${error.message}`] }];
  if ('$metadata' in error) return { unavailable: `EC2 does not launch it: ${code}: ${error.message}` };
  const ended = exitCodeOf(error);
  return ended === exitCode.nodeFailed || ended === exitCode.unavailable
    ? { unavailable: error.message }
    : undefined;
}
