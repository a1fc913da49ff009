/** One stage of the demonstration, as Jenkins would call it. */
export interface Step {
  why: string;
  stage: 'generate' | 'build' | 'verify' | 'cleanup';
  args: string[];
}

/**
 * The whole pipeline over the chosen nodes (none: all of nodes.yaml), a second bake of `again`, and the cleanup that
 * throws the older image away.
 */
export function demoSteps(nodes: readonly string[], again: string): Step[] {
  const chosen = nodes.flatMap((node) => ['--node', node]);
  const second = ['--node', again];
  return [
    { why: 'a Packer template for each node', stage: 'generate', args: chosen },
    { why: 'an image of each node: real machines, real Packer, real Puppet', stage: 'build', args: chosen },
    { why: 'did Puppet really succeed?', stage: 'verify', args: chosen },
    { why: `a second image of ${again}`, stage: 'build', args: second },
    { why: 'is the new one good, too?', stage: 'verify', args: second },
    { why: 'what would be thrown away, and why', stage: 'cleanup', args: ['--keep', '1', ...second] },
    { why: 'throw it away', stage: 'cleanup', args: ['--keep', '1', '--apply', ...second] },
  ];
}
