/** A stage, as Jenkins would call it. */
export interface StageStep {
  why: string;
  stage: 'plan' | 'generate' | 'build' | 'verify' | 'cleanup';
  args: string[];
  /** It talks to the Puppet server: it needs the secret for autosign, and to know the server's name. */
  withServer?: true;
}

/** The demonstration's own: a server of the Puppet server's image, from its launch to its end. */
export interface ServerStep {
  why: string;
  server: 'start' | 'stop';
}

/** A node for which one line of the sample environment is changed. */
export interface ChangeStep {
  why: string;
  change: string;
}

export type Step = StageStep | ServerStep | ChangeStep;

/** The node of the Puppet server, which is also its DNS name. */
export const serverNode = 'puppet';

const nodeFlags = (nodes: readonly string[]) => nodes.flatMap((node) => ['--node', node]);

/**
 * The whole pipeline over the chosen nodes (none: all of nodes.yaml) with the environment in `manifests`: bakes them, finds
 * nothing more to do, changes one line that matters to `again` only, bakes that, and deletes its older image.
 */
export function demoSteps(nodes: readonly string[], again: string, manifests: string): Step[] {
  const chosen = nodeFlags(nodes);
  const plan = (why: string, ...args: string[]): StageStep => ({
    why,
    stage: 'plan',
    args: ['--manifests', manifests, ...chosen, ...args],
  });
  const bake = (why: string): StageStep[] => [
    { why: 'generate: a Packer template of each of them', stage: 'generate', args: planned },
    { why, stage: 'build', args: [...planned, '--manifests', manifests] },
  ];
  return [
    // Images of an earlier demonstration would else be good enough.
    plan('plan: which nodes must be baked, and why?', '--force'),
    ...bake('build: an image of each node, with real machines, Packer and Puppet'),
    { why: 'verify: did Puppet really succeed?', stage: 'verify', args: chosen },
    plan('plan again: nothing has changed'),
    { why: 'change one line', change: again },
    plan('plan: which nodes does this change?'),
    ...bake(`build: a second image of ${again}`),
    { why: 'verify: is the new image good, too?', stage: 'verify', args: ['--node', again] },
    ...cleanupSteps(['--node', again]),
  ];
}

const planned = ['--plan', 'plan.json'];

/**
 * The same against a Puppet server that is baked first; `nodes` are the others. `caClient` is the folder with the
 * server's own certificate, which may clean those of the bakes.
 */
export function serverSteps(nodes: readonly string[], caClient: string): Step[] {
  const file = ['--nodes', 'templates/puppet-server/nodes.yaml'];
  const [itself, others, second] = [[serverNode], nodes, nodes.slice(0, 1)].map((some) => [
    ...file,
    ...nodeFlags(some),
  ]) as [string[], string[], string[]];
  // Named here already, so that an unknown one is reported before a machine boots.
  const all = [...itself, ...nodeFlags(nodes)];
  const [again = ''] = nodes;
  const build = (why: string, args: string[]): StageStep => ({
    why,
    stage: 'build',
    args: [...args, '--ca-client', caClient],
    withServer: true,
  });
  return [
    {
      why: 'generate: a Packer template of each node',
      stage: 'generate',
      args: nodes.length > 0 ? all : file,
    },
    {
      why: 'build: an image of the Puppet server, which is baked without a server',
      stage: 'build',
      args: itself,
    },
    { why: 'verify: did Puppet really succeed?', stage: 'verify', args: itself },
    { why: 'launch a server of that image', server: 'start' },
    build('build: an image of each other node. The server signs by the secret', others),
    { why: 'verify: did the agents really succeed?', stage: 'verify', args: others },
    build(
      `build: a second image of ${again}. Its certificate has another name; the first one was cleaned`,
      second,
    ),
    { why: 'verify: is the new image good, too?', stage: 'verify', args: second },
    { why: 'stop the server', server: 'stop' },
    ...cleanupSteps([...second, '--node', serverNode]),
  ];
}

/** The steps that need no Packer. */
export function beforeBuild(steps: readonly Step[]): Step[] {
  return steps.slice(
    0,
    steps.findIndex((step) => 'stage' in step && step.stage === 'build'),
  );
}

function cleanupSteps(nodes: string[]): StageStep[] {
  // Images of this minute would else be too young to go.
  const args = ['--keep', '1', '--min-age', '0s', ...nodes];
  return [
    { why: 'cleanup: what would be deleted, and why?', stage: 'cleanup', args },
    { why: 'cleanup: delete it', stage: 'cleanup', args: [...args, '--apply'] },
  ];
}
