import type { ImageCase } from '../verdict.ts';
import { loginProblems } from './judge-logins.ts';
import type { BuilderFacts, ManagedService, ServerFacts, UnitState } from './server-facts.ts';

/** What one server of the image shows, or why nothing is known. */
type Probed = { facts: ServerFacts } | { failure: string };

/** The agent's units, none of which may ever start on a server. */
const agentUnits = ['puppet.service', 'puppet-run.timer', 'puppet-run.service', 'pxp-agent.service'];

/**
 * Judges an image by two of its servers, compared with each other and with the machine that was baked. Whatever is not
 * known speaks against the image.
 * @param launchKey the public key that the servers were launched with, as base64
 */
export function judgeImage(
  servers: readonly Probed[],
  builder: BuilderFacts,
  launchKey: string,
): ImageCase[] {
  const failures = servers.flatMap((one) => ('failure' in one ? [one.failure] : []));
  const machines = servers.flatMap((one) => ('facts' in one ? [one.facts] : []));
  if (machines.length !== servers.length || machines.length < 2) {
    return [
      { name: 'boots', problems: failures.length > 0 ? failures : ['fewer than two servers were examined'] },
    ];
  }
  const own = (
    name: string,
    of: (facts: ServerFacts) => string[],
    builders: readonly string[] | undefined,
    needed = true,
  ) => ({
    name,
    problems: sharedProblems(machines.map(of), builders, needed),
  });
  const none = (name: string, of: (facts: ServerFacts) => string[]) => ({
    name,
    problems: unique(machines.flatMap(of)),
  });
  return [
    { name: 'boots', problems: unique(machines.flatMap((facts) => bootProblems(facts, builder))) },
    own('has a machine id of its own', ({ machineId }) => some(machineId), some(builder.machineId)),
    own('has ssh host keys of its own', ({ hostKeys }) => hostKeys, builder.hostKeys),
    // Not against the builder's: a server may well get its address, and a name by that.
    own('has a hostname of its own', ({ hostname }) => some(hostname), undefined),
    // systemd makes one when it is first asked to; where there is none, none is shared.
    own('has a credential secret of its own', ({ seeds }) => seeds, undefined, false),
    none('lets only the launch key in', (facts) => loginProblems(facts, launchKey)),
    none("holds nothing of Puppet's run", ({ ofPuppet }) =>
      ofPuppet.map((file) => `${file} is in the image`),
    ),
    none('holds nothing of the bake', ({ ofBake }) => ofBake.map((file) => `${file} is in the image`)),
    none('holds no shell history', ({ history }) => history.map((file) => `${file} is in the image`)),
    none('never runs the agent', ({ units }) => agentUnits.flatMap((name) => agentProblems(name, units))),
    ...serviceCases(builder.services, machines),
  ];
}

function serviceCases(
  expected: readonly ManagedService[] | undefined,
  machines: readonly ServerFacts[],
): ImageCase[] {
  if (expected === undefined) {
    const problem = 'it is not known which services the manifests manage: the bake did not say';
    return [{ name: "runs the manifests' services", problems: [problem] }];
  }
  return expected.map((service) => ({
    name: `runs Service[${service.name}]`,
    problems: unique(machines.flatMap(({ services }) => serviceProblems(service, services))),
  }));
}

function bootProblems({ system, failedUnits }: ServerFacts, { services = [] }: BuilderFacts): string[] {
  if (system === 'running') return [];
  if (system === '') return ['systemd was not done with booting after two minutes'];
  // A service of the manifests has a case of its own.
  const others = failedUnits.filter((unit) => !services.some(({ name }) => unitOf(name) === unit));
  if (system === 'degraded' && failedUnits.length > 0 && others.length === 0) return [];
  const units = others.length === 0 ? '' : `: failed are ${others.join(', ')}`;
  return [`the system is ${system}${units}`];
}

function unitOf(service: string): string {
  return /\.\w+$/.test(service) ? service : `${service}.service`;
}

/**
 * @param builders what the bake's machine had; undefined: it does not matter
 * @param needed a server without any is wrong
 */
function sharedProblems(
  machines: string[][],
  builders: readonly string[] | undefined,
  needed: boolean,
): string[] {
  const problems: string[] = [];
  if (needed && machines.some((values) => values.length === 0)) problems.push('a server has none');
  if (builders !== undefined) {
    if (builders.length === 0) problems.push("it is not known what the bake's machine had");
    const kept = machines.flat().filter((value) => builders.includes(value));
    problems.push(...unique(kept).map((value) => `${value} is the bake's machine's`));
  }
  const [first = [], ...others] = machines;
  const shared = first.filter((value) => others.some((values) => values.includes(value)));
  return [...problems, ...unique(shared).map((value) => `${value} is the same on two servers`)];
}

function agentProblems(name: string, units: readonly UnitState[]): string[] {
  const unit = units.find((other) => other.name === name);
  if (unit === undefined) return [`it is not known whether ${name} is masked`];
  const problems = unit.enabled === 'masked' ? [] : [`${name} is ${unit.enabled || 'not masked'}`];
  return unit.active === 'active' ? [...problems, `${name} runs`] : problems;
}

/** The manifests want it to run, or it ran when Puppet was done. */
export function isWanted({ ensure, active }: ManagedService): boolean {
  const isStopped = ensure === 'stopped' || ensure === 'false';
  return !isStopped && (ensure === 'running' || ensure === 'true' || runs(active));
}

/** A server must run what the manifests want to run, or what ran when Puppet was done, and what is enabled stays so. */
export function serviceProblems(expected: ManagedService, services: readonly UnitState[]): string[] {
  const { name, ensure, enabled, active } = expected;
  const found = services.find((other) => other.name === name);
  if (found === undefined || found.active === '') return [`it is not known whether ${name} runs`];
  const isStopped = ensure === 'stopped' || ensure === 'false';
  // Hardening stops services that are not even there: Puppet has nothing to do then.
  if (!isStopped && (enabled === 'unknown' || active === 'unknown'))
    return [`systemd knew no ${name} in the bake`];
  if (found.active === 'failed') return [`${name} failed to start`];
  if (isStopped) return runs(found.active) ? [`${name} runs, although the manifests stop it`] : [];
  const starts = startsAtBoot.has(enabled);
  if (isWanted(expected) && !runs(found.active)) {
    return [
      starts
        ? `${name} is ${found.active}`
        : `${name} ran in the bake but is ${enabled}: it would not start on a server`,
    ];
  }
  return starts && !startsAtBoot.has(found.enabled) ? [`${name} is ${found.enabled || 'not enabled'}`] : [];
}

/** A service that reads its configuration again runs; one that systemd waits to start again (activating) does not. */
function runs(active: string): boolean {
  return active === 'active' || active === 'reloading' || active === 'refreshing';
}

/** What systemctl calls a unit that a boot starts, by itself or through another unit. */
const startsAtBoot = new Set(['enabled', 'enabled-runtime', 'static', 'alias', 'generated', 'indirect']);

function some(value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [value];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
