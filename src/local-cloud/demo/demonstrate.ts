import { readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { LocalCloudError } from '../local-cloud-error.ts';
import { withoutPacker } from '../os-packages.ts';
import { readFlags } from '../start-up/flags.ts';
import { patience } from '../start-up/program.ts';
import { pathsOf } from '../state/paths.ts';
import { compiledPrograms } from './compiled-programs.ts';
import { type Child, exportsOf, startProgram } from './child.ts';
import type { PuppetServer } from './puppet-server.ts';
import { runSteps } from './run-steps.ts';
import { copyEnvironment } from './sample-environment.ts';
import { beforeBuild, demoSteps, serverNode, serverSteps } from './steps.ts';

const whereItIs = `
Done. See:
  plan.json         which nodes were to be baked, and why
  packs/            the Packer template of each node
  reports/<node>/   packer.log, bake.json, contents.json, sbom.cdx.json, junit.xml, and what Puppet wrote
  reports/cleanup.json   which images cleanup kept and deleted, and why
The images are still there: npm run local-cloud serves them to any AWS tool.
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** What the command line asks for. */
export interface Demonstration {
  nodes: readonly string[];
  stateArgs: readonly string[];
  /** Against a Puppet server that is itself baked first. */
  withServer: boolean;
  /** There is a Packer: without one the demonstration ends where the first image would be baked. */
  bakes: boolean;
}

/**
 * Starts the local cloud, runs the stages against it as child processes, and stops it again in every outcome.
 * Answers the exit code: the first that a stage ended with other than 0, or 129/130/143 after a signal.
 */
export async function demonstrate({ nodes, stateArgs, withServer, bakes }: Demonstration): Promise<number> {
  if (withServer && nodes.includes(serverNode)) {
    throw new LocalCloudError(
      `--node ${serverNode} is the Puppet server, which is baked in any case: name other nodes only`,
      2,
    );
  }
  const interrupt = new AbortController();
  const running: { child?: Child; signal?: NodeJS.Signals } = {};
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      running.signal ??= signal;
      running.child?.process.kill(signal);
      interrupt.abort();
    });
  }
  const programs = await compiledPrograms((folder) => {
    running.child = startProgram('jobs/compile.mjs', ['', folder], { stdout: 'inherit' });
    return running.child.ended;
  });
  if (running.signal !== undefined) return 128 + constants.signals[running.signal];
  if (programs === undefined) throw new LocalCloudError('the programs cannot be compiled: see above');
  const cloud = startProgram(join(programs, 'local-cloud/local-cloud.js'), ['--port', '0', ...stateArgs], {
    stdout: 'pipe',
    // Ctrl-C at a terminal must not reach it: a stage that is interrupted still needs it to clean up.
    detached: true,
  });
  running.child = cloud;
  const exports = await exportsOf(cloud);
  if (exports === undefined) return cloud.ended;
  let server: PuppetServer | undefined;
  // The cloud empties that folder at its start.
  const { scratch, hosts } = pathsOf(readFlags(stateArgs, process.env).state);
  const environment = copyEnvironment('templates/environment', join(scratch, 'environment'));
  try {
    if (withServer) server = await serverOf(exports, hosts, interrupt.signal);
    const { caClient } = server ?? {};
    const stepsOf = (known: readonly string[]) =>
      caClient === undefined
        ? demoSteps(nodes, nodes[0] ?? known[0] ?? 'the first node', environment.folder)
        : serverSteps(nodes.length > 0 ? nodes : known.filter((node) => node !== serverNode), caClient);
    const code = await runSteps((known) => (bakes ? stepsOf(known) : beforeBuild(stepsOf(known))), {
      start: (stage, args, options) => {
        const child = startProgram(join(programs, `${stage}.js`), args, {
          ...options,
          env: { ...exports, ...patience, ...options.env },
          stdout: 'inherit',
        });
        running.child = child;
        return child.ended;
      },
      interrupted: () => running.signal,
      known: withServer ? packed : planned,
      change: environment.change,
      say,
      server,
    });
    if (code === 0 && !bakes) throw new LocalCloudError(withoutPacker);
    if (code === 0) process.stderr.write(whereItIs);
    return code;
  } finally {
    environment.remove();
    await server?.stop();
    cloud.process.kill('SIGTERM');
    await cloud.ended;
  }
}

/** Loaded here: without a server nobody need wait for the SDK. */
async function serverOf(exports: Record<string, string>, hostsFile: string, signal: AbortSignal) {
  // The SDK would say at each start that it will go on without Node 20 one day; package-lock.json holds it here.
  Object.assign(process.env, exports, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const { ec2OfEnvironment } = await import('./launch.ts');
  const { puppetServer } = await import('./puppet-server.ts');
  const { sshTo } = await import('./ssh.ts');
  return puppetServer({ ec2: ec2OfEnvironment(), sshTo, hostsFile, say, signal });
}

/** The nodes that plan wants to have baked. */
async function planned(): Promise<string[]> {
  return (JSON.parse(await readFile('plan.json', 'utf8')) as { bake: string[] }).bake;
}

/** The nodes that generate has written a pack for. */
async function packed(): Promise<string[]> {
  const packs = (await readdir('packs')).filter((name) => /^[a-z0-9-]+\.json$/.test(name)).sort();
  return packs.map((name) => name.replace(/\.json$/, ''));
}
