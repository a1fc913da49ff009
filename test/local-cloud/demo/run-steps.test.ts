import { describe, expect, test } from '@jest/globals';
import { runSteps, type StepDeps } from '../../../src/local-cloud/demo/run-steps.ts';
import { demoSteps, type Step, serverSteps } from '../../../src/local-cloud/demo/steps.ts';

interface Started {
  stage: string;
  secret: string | undefined;
  hosts: string | undefined;
}

function deps(codes: Record<number, number> = {}) {
  const started: Started[] = [];
  const said: string[] = [];
  const server: string[] = [];
  const changed: string[] = [];
  const it: StepDeps = {
    start: (stage, _args, { env, hosts }) => {
      started.push({ stage, secret: env?.BAKEHOUSE_AUTOSIGN_SECRET, hosts });
      return Promise.resolve(codes[started.length] ?? 0);
    },
    interrupted: () => undefined,
    known: () => Promise.resolve(['puppet', 'web']),
    change: (node) => {
      changed.push(node);
      return { file: `data/${node}.yaml`, line: 'a: b' };
    },
    say: (line) => said.push(line),
    server: {
      secret: 'the-secret',
      hosts: '/hosts',
      start: () => Promise.resolve(void server.push('start')),
      stop: () => Promise.resolve(void server.push('stop')),
    },
  };
  return { it, started, said, server, changed };
}
const steps = (known: readonly string[]): Step[] =>
  serverSteps(
    known.filter((node) => node !== 'puppet'),
    '/ca',
  );

describe('running the steps', () => {
  test('takes the nodes from the packs, hands the secret to the right stages, and says it to nobody', async () => {
    const { it, started, said, server } = deps();
    expect(await runSteps(steps, it)).toBe(0);
    expect(server).toEqual(['start', 'stop']);
    expect(started.filter(({ secret }) => secret !== undefined)).toEqual([
      { stage: 'build', secret: 'the-secret', hosts: '/hosts' },
      { stage: 'build', secret: 'the-secret', hosts: '/hosts' },
    ]);
    expect(said).toContain(
      '$ node --import tsx src/verify.ts --nodes templates/puppet-server/nodes.yaml --node web',
    );
    expect(said.join('\n')).not.toContain('the-secret');
  });

  test('changes the environment between two plans, and says the line', async () => {
    const { it, started, said, changed } = deps();
    expect(await runSteps((known) => demoSteps([], known[1] ?? 'first', '/copy'), it)).toBe(0);
    expect(changed).toEqual(['web']);
    expect(said).toContain('  data/web.yaml: + a: b');
    expect(started.map(({ stage }) => stage)).toEqual([
      ...['plan', 'generate', 'build', 'verify', 'plan'],
      ...['plan', 'generate', 'build', 'verify', 'cleanup', 'cleanup'],
    ]);
  });

  test('ends at the first stage that fails, with its exit code', async () => {
    const { it, started, server } = deps({ 2: 3 });
    expect(await runSteps(steps, it)).toBe(3);
    expect(started).toHaveLength(2);
    expect(server).toEqual([]);
  });

  test('ends with 130 when the start of the server was interrupted, whatever that threw', async () => {
    const { it, started } = deps();
    let signal: NodeJS.Signals | undefined;
    const start = () => {
      signal = 'SIGINT';
      return Promise.reject(new Error('aborted'));
    };
    const interrupted: StepDeps = {
      ...it,
      interrupted: () => signal,
      server: { secret: '', hosts: '', stop: () => Promise.resolve(), start },
    };
    expect(await runSteps(steps, interrupted)).toBe(130);
    expect(started).toHaveLength(3);
  });
});
