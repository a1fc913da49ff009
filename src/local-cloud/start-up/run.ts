import { registry } from '../registry.ts';
import { callFacts, fileSource, followFaults } from '../faults/faults.ts';
import { openCallLog } from '../http/call-log.ts';
import { makeDispatch } from '../http/dispatch.ts';
import { serve } from '../http/server.ts';
import { homeRegion } from '../region.ts';
import { ensureOsPackages } from '../os-packages.ts';
import { writeAwsFiles, type Exports } from './aws-files.ts';
import { Fault } from '../api/fault.ts';
import { LocalCloudError } from '../local-cloud-error.ts';
import { isErrno } from '../state/errno.ts';
import type { Flags } from './flags.ts';
import { openCloud } from './open-cloud.ts';
import { pathsOf } from '../state/paths.ts';

const packages = ['debian-archive-keyring', 'iproute2', 'mmdebstrap', 'nftables', 'systemd-container'];

interface Options extends Omit<Flags, 'help' | 'program'> {
  readonly cache: string;
  readonly say: (line: string) => void;
  readonly ready: (exports: Exports) => void;
  /** Serving ends when this is aborted. */
  readonly signal: AbortSignal;
}

/** Runs a local cloud until `signal`, and undoes on this computer all that it did to it, whatever happens. */
export async function runLocalCloud({
  state,
  port,
  verbose,
  cache,
  say,
  ready,
  signal,
}: Options): Promise<void> {
  const steps: (() => Promise<void>)[] = [];
  try {
    await ensureOsPackages({ packages, say });
    const clouds = await openCloud({ root: state, cache, say, signal, undo: (step) => steps.push(step) });
    const { aws, calls, faults } = pathsOf(state);
    const log = openCallLog(calls, say);
    const dispatch = makeDispatch({
      registry,
      clouds,
      watch: (call) => {
        const { service, region, action, status, code = '', ms } = call;
        log?.(call);
        // EC2 and the first region go without saying.
        const unusual = [region === homeRegion ? [] : region, service === 'ec2' ? [] : service].flat();
        if (verbose) say([...unusual, action, status, code, ms, 'ms'].join(' '));
      },
      warn: say,
      faults: followFaults({
        source: fileSource(faults),
        known: callFacts(registry),
        warn: say,
        now: Date.now,
      }),
    });
    const api = await serve(port, dispatch);
    steps.push(api.close);
    const exports = await writeAwsFiles(aws, api.endpoint, clouds[homeRegion].store.state.account.keys);
    if (!signal.aborted) ready(exports);
    await aborted(signal);
  } catch (error) {
    // What was interrupted has not failed.
    if (!signal.aborted) throw asStartError(error, state);
  } finally {
    for (const undo of steps.reverse()) {
      await undo().catch((error: unknown) => {
        say(`while stopping: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      });
    }
  }
}

/** What a full disk does to a start is no bug of ours. */
function asStartError(error: unknown, state: string): unknown {
  if (error instanceof Fault) return new LocalCloudError(error.message);
  if (!isErrno(error, 'ENOSPC')) return error;
  return new LocalCloudError(
    `the disk of ${state} or of the cache is full: free some space, or give another --state folder`,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
