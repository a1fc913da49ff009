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
 * nothing more to do, changes one line that matters to `again` only, bakes that, and throws its older image away.
 */
export function demoSteps(nodes: readonly string[], again: string, manifests: string): Step[] {
  const chosen = nodeFlags(nodes);
  const plan = (why: string, ...args: string[]): StageStep => ({
    why,
    stage: 'plan',
    args: ['--manifests', manifests, ...chosen, ...args],
  });
  const bake = (why: string): StageStep[] => [
    { why: 'a Packer template for each of them, with its source image', stage: 'generate', args: planned },
    { why, stage: 'build', args: [...planned, '--manifests', manifests] },
  ];
  return [
    // Images of an earlier demonstration would else be good enough.
    plan('which nodes are to be baked, and why?', '--force'),
    ...bake('an image of each node: real machines, real Packer, real Puppet'),
    { why: 'did Puppet really succeed?', stage: 'verify', args: chosen },
    plan('and now?'),
    { why: 'one line is changed', change: again },
    plan('whom does it touch?'),
    ...bake(`a second image of ${again}`),
    { why: 'is the new one good, too?', stage: 'verify', args: ['--node', again] },
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
  // Named here already, so that an unknown one is told before a machine boots.
  const all = [...itself, ...nodeFlags(nodes)];
  const [again = ''] = nodes;
  const build = (why: string, args: string[]): StageStep => ({
    why,
    stage: 'build',
    args: [...args, '--ca-client', caClient],
    withServer: true,
  });
  return [
    { why: 'a Packer template for each node', stage: 'generate', args: nodes.length > 0 ? all : file },
    { why: 'an image of the Puppet server, itself baked without one', stage: 'build', args: itself },
    { why: 'did Puppet really succeed?', stage: 'verify', args: itself },
    { why: 'a server of that image', server: 'start' },
    build('an image of each other node: the agent asks the server, which signs by the secret', others),
    { why: 'did the agents really succeed?', stage: 'verify', args: others },
    build(`a second image of ${again}: its certificate has another name, the first one's is gone`, second),
    { why: 'is the new one good, too?', stage: 'verify', args: second },
    { why: 'the server has done its work', server: 'stop' },
    ...cleanupSteps([...second, '--node', serverNode]),
  ];
}

function cleanupSteps(nodes: string[]): StageStep[] {
  // Images of this minute would else be too young to go.
  const args = ['--keep', '1', '--min-age', '0s', ...nodes];
  return [
    { why: 'what would be thrown away, and why', stage: 'cleanup', args },
    { why: 'throw it away', stage: 'cleanup', args: [...args, '--apply'] },
  ];
}
