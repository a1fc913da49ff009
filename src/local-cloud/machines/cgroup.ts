import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const busyMs = 2000;

/** Where the hierarchies are mounted whose mount entry has `mark`. */
function mountedAt(mark: RegExp): string[] {
  const entries = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return entries.filter((entry) => mark.test(entry)).map((entry) => entry.split(' ')[4] ?? '');
}

/** Where cgroup v2 is mounted: alone, or beside the v1 controllers. */
function unifiedRoot(): string | undefined {
  return mountedAt(/ - cgroup2 /)[0];
}

/** Beside the v1 controllers nspawn makes the same groups in systemd's own v1 hierarchy, and leaves them there. */
function allRoots(): string[] {
  return mountedAt(/ - cgroup2 | - cgroup .*\bname=systemd\b/);
}

/**
 * Makes a cgroup for one machine, where the host has no systemd to do so. Without it nspawn would put all machines
 * into the same `payload` group (`--keep-unit` means: the caller's), and their systemds would stop each other's
 * services. Undefined where there is no cgroup v2.
 */
export function makeCgroup(name: string): string | undefined {
  const root = unifiedRoot();
  if (root === undefined) return undefined;
  const folder = join(root, name);
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    return undefined;
  }
}

/** Stops or resumes every process of the machine at one moment. */
export function freezeCgroup(folder: string, frozen: boolean): void {
  writeFileSync(join(folder, 'cgroup.freeze'), frozen ? '1' : '0');
}

/** Removes the machine's cgroup and those inside it, in each hierarchy; one that still has a process stays. */
export async function removeCgroup(folder: string): Promise<void> {
  await removeTrees(allRoots().map((root) => join(root, basename(folder))));
}

/** Removes what a killed cloud left: all cgroups whose name begins with `prefix`. */
export async function removeCgroups(prefix: string): Promise<void> {
  const left = allRoots().flatMap((root) =>
    readdirSync(root).flatMap((name) => (name.startsWith(prefix) ? [join(root, name)] : [])),
  );
  await removeTrees(left);
}

/** A process that has just ended is in its cgroup for a moment more. */
async function removeTrees(folders: readonly string[]): Promise<void> {
  const deadline = Date.now() + busyMs;
  for (;;) {
    folders.forEach(removeTree);
    if (!folders.some((folder) => existsSync(folder)) || Date.now() > deadline) return;
    await sleep(20);
  }
}

function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // Gone already, or busy.
  }
}
