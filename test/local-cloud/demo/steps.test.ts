import { describe, expect, test } from '@jest/globals';
import { serverSteps } from '../../../src/local-cloud/demo/steps.ts';

const short = (nodes: string[]) =>
  serverSteps(nodes, '/ca').map((step) =>
    'change' in step
      ? `change ${step.change}`
      : 'server' in step
        ? step.server
        : `${step.stage} ${step.args.filter((_, index, all) => all[index - 1] === '--node').join(' ')}`.trim(),
  );

describe('the demonstration with a Puppet server', () => {
  test('bakes the server, proves it, launches it, and only then bakes the others', () => {
    expect(short(['redis', 'web'])).toEqual([
      'generate puppet redis web',
      'build puppet',
      'verify puppet',
      'start',
      'build redis web',
      'verify redis web',
      'build redis',
      'verify redis',
      'stop',
      'cleanup redis puppet',
      'cleanup redis puppet',
    ]);
  });

  test('gives the secret and the way to clean certificates to the bakes against the server, and to nothing else', () => {
    for (const step of serverSteps(['web'], '/ca')) {
      const against = 'stage' in step && step.stage === 'build' && step.args.includes('web');
      expect([step.why, 'withServer' in step]).toEqual([step.why, against]);
      if ('args' in step) expect(step.args.includes('--ca-client')).toBe(against);
    }
  });

  test('deletes in its last step only', () => {
    const steps = serverSteps(['web'], '/ca');
    const applies = steps.map((step) => 'args' in step && step.args.includes('--apply'));
    expect(applies.indexOf(true)).toBe(steps.length - 1);
  });
});
