import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { allowed } from './job-dsl/allowed.ts';
import * as asked from './job-dsl/ask.ts';
import { type Answers, type Job, type Parameter, askGroovy, files, jobFiles, read } from './job-dsl/ask.ts';

/** The jobs of jobs/, run by Groovy in blocks that know nothing but what Job DSL knows: see job-dsl/. */

const { chosen, hostile, nodeNames, anyNames, pipelines, wrong, harmful } = asked;

let answers: Answers;
beforeAll(async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'nodes.yaml'), nodeNames.map((name) => `${name}: {group: g}\n`).join(''));
  const choices = await stage('jenkins', ['choices'], { cwd: folder.path });
  folder.remove();
  answers = await askGroovy(choices.stdout);
});

/** The one job that a file makes. */
function jobOf(key: string): Job {
  const { made = [], error } = answers.jobs[key] ?? {};
  expect({ key, error, count: made.length }).toEqual({ key, error: undefined, count: 1 });
  if (made[0] === undefined) throw new Error(`${key} makes no job`);
  return made[0];
}
const starterOf = (key: string) =>
  answers.starters[key] ?? { steps: [], currentBuild: {}, error: 'was not asked' };
const codeOf = (path: string) => {
  const code = answers.code[path];
  if (code === undefined) throw new Error(`${path} was not asked`);
  return code;
};
const byName = (name: string) => jobOf(`jobs/${name.replaceAll('-', '_')}.groovy`);
const triggersOf = (name: string) => byName(name).properties.pipelineTriggers?.triggers;
/** The parameters of the Jenkinsfile. */
function declared(): Parameter[] {
  const { parameters = [], error } = answers.jenkinsfile;
  expect(error).toBeUndefined();
  expect(parameters).not.toEqual([]);
  return parameters;
}
const facts = (parameters: Parameter[]) =>
  parameters.map(({ kind, name, defaultValue }) => ({ kind, name, defaultValue }));

/** The parameters that a starter of builds has passed on, once it is sure that it did nothing else. */
function handed(key: string): Record<string, unknown> {
  const { steps, error } = starterOf(key);
  expect({ error, steps: steps.map(({ step }) => step) }).toEqual({ error: undefined, steps: ['build'] });
  const { job, propagate, parameters = [] } = steps[0]?.given ?? {};
  expect({ job, propagate }).toEqual({ job: 'bake-on-commit', propagate: false });
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
}

describe('the jobs', () => {
  it("are made by a seed of one's own, too, of its checkout; only the nodes are then not to choose from", () => {
    const made = (file: string) => jobOf(`jobs/${file}.groovy of another seed`);
    for (const file of ['cleanup', 'recycle_stale']) expect(made(file)).toEqual(jobOf(`jobs/${file}.groovy`));
    const scm = (file: string) => made(file).definition.cpsScm?.scm.git;
    const git = { remote: { url: 'https://git.example.com/ours.git' }, branch: 'main' };
    expect(['bake_on_commit', 'deploy', 'promote', 'seed'].map(scm)).toEqual([git, git, git, git]);
    expect(made('promote').parameters?.[1]).toMatchObject({ kind: 'string', name: 'NODE' });
    expect(made('seed').name).toBe('seed');
    expect(made('bake_by_hand').parameters?.[0]).toMatchObject({ choices: ['all that plan says'] });
  });

  it('are the seven that docs/jenkins.md names, each made by the file of its name; the seed keeps the name it was given', () => {
    const named = jobFiles.map((file) => [file, jobOf(file).name]);
    expect(named).toEqual([
      ['jobs/bake_by_hand.groovy', 'bake-by-hand'],
      ['jobs/bake_on_commit.groovy', 'bake-on-commit'],
      ['jobs/cleanup.groovy', 'cleanup'],
      ['jobs/deploy.groovy', 'deploy'],
      ['jobs/promote.groovy', 'promote'],
      ['jobs/recycle_stale.groovy', 'recycle-stale'],
      ['jobs/seed.groovy', 'bakehouse'],
    ]);
  });

  it('say what they are for, and which file to change', () => {
    for (const file of jobFiles)
      expect(jobOf(file)).toMatchObject({ description: expect.stringContaining(file) });
  });

  it('bake-on-commit and deploy run a pipeline of the repository and branch that the seed has, one build at a time', () => {
    const git = { remote: { url: 'git@git.example.com:bakehouse.git' }, branch: '*/main' };
    for (const [name, scriptPath] of Object.entries({ 'bake-on-commit': 'Jenkinsfile', deploy: 'jobs/deploy.jenkinsfile' })) // prettier-ignore
      expect(byName(name)).toMatchObject({ properties: { disableConcurrentBuilds: {} }, definition: { cpsScm: { scriptPath, scm: { git } } } }); // prettier-ignore
    const { definition } = byName('bake-on-commit');
    expect(definition.cpsScm?.scm.git.remote).not.toHaveProperty('credentials');
    expect(jobOf('with credentials').definition.cpsScm?.scm.git.remote).toEqual({
      url: 'https://git.example.com/bakehouse.git',
      credentials: 'git-key',
    });
  });

  it('bake-on-commit wakes up on a commit, by hook or polling, and once a day', () => {
    expect(triggersOf('bake-on-commit')?.pollSCM?.scmpoll_spec).toMatch(/^H\/\d+ \* \* \* \*$/);
    expect(triggersOf('bake-on-commit')?.cron?.spec).toMatch(/^H H\(\d-\d\) \* \* \*$/);
  });

  it('cleanup wakes up every night, recycle-stale every week, the seed on a commit, bake-by-hand, deploy and promote never', () => {
    expect(triggersOf('cleanup')).toEqual({
      cron: { spec: expect.stringMatching(/^H H\(\d-\d\) \* \* \*$/) },
    });
    expect(triggersOf('recycle-stale')).toEqual({
      cron: { spec: expect.stringMatching(/^H H\(\d-\d\) \* \* [0-6]$/) },
    });
    expect(triggersOf('seed')).toEqual({ pollSCM: { scmpoll_spec: expect.stringMatching(/^H\/\d+ /) } });
    for (const name of ['bake-by-hand', 'deploy', 'promote']) expect(triggersOf(name)).toBeUndefined();
  });

  it('bake-on-commit has the parameters of the Jenkinsfile: word for word and in their order', () => {
    expect(declared().length).toBeGreaterThan(0);
    expect(byName('bake-on-commit').parameters).toEqual(declared());
  });

  it('bake-by-hand offers the nodes that the seed has read, after all of them', () => {
    const choices = byName('bake-by-hand').parameters?.find(({ name }) => name === 'NODE')?.choices;
    expect(choices).toEqual([chosen.NODE, ...nodeNames]);
    anyNames.forEach((nodes, index) => {
      const parameters = jobOf(`any ${index}`).parameters ?? [];
      expect(parameters.find(({ name }) => name === 'NODE')?.choices).toEqual([chosen.NODE, ...nodes]);
    });
  });

  it('cleanup deletes nothing unless somebody says APPLY', () => {
    expect(facts(byName('cleanup').parameters ?? [])).toEqual([
      { kind: 'boolean', name: 'APPLY', defaultValue: false },
    ]);
  });

  it('promote changes nothing unless somebody says APPLY, chooses no node by itself, and waits for no other build', () => {
    const { parameters = [], properties, definition } = byName('promote');
    expect(parameters.map(({ name }) => name)).toEqual(['ACTION', 'NODE', 'IMAGE', 'REASON', 'APPLY', 'AWS_CREDENTIALS', 'AGENT']);
    expect(parameters.map(({ choices }) => choices).slice(0, 2)).toEqual([['promote', 'rollback', 'revoke'], ['', ...nodeNames]]);
    expect(parameters.find(({ name }) => name === 'APPLY')?.defaultValue).toBe(false);
    expect(properties).not.toHaveProperty('disableConcurrentBuilds');
    expect(definition.cpsScm?.scriptPath).toBe('jobs/promote.jenkinsfile');
  }); // prettier-ignore

  it('deploy has texts only, and none of them is an agent other than the seed has', () => {
    const texts = (byName('deploy').parameters ?? []).map(({ kind, name, defaultValue }) => `${kind} ${name} ${String(defaultValue)}`); // prettier-ignore
    expect(texts).toEqual(['string NODE ', 'string FACTS ', 'string FILE ', 'string PUSH_CREDENTIALS ', 'string AGENT bakehouse']); // prettier-ignore
  });

  it.each(['bake-by-hand', 'cleanup', 'recycle-stale'])(
    '%s is its pipeline as it stands, in the sandbox',
    (name) => {
      expect(byName(name).definition).toEqual({
        cps: { script: read(`jobs/${name}.jenkinsfile`), sandbox: true },
      });
    },
  );
});

describe('the pipelines that start builds of bake-on-commit', () => {
  it('bake-by-hand hands over what was chosen; all nodes is no node, and no ref is the usual one', () => {
    const nothing = { NODES: '', REASON: '', KEEP: '', FORCE: false, DRY_RUN: false };
    expect(handed('all nodes')).toEqual(nothing);
    expect(handed('some nodes')).toEqual({
      ...nothing,
      NODES: 'web-db redis, web',
      MANIFESTS_REF: 'v1',
      FORCE: true,
    });
  });

  it('hand hostile words on as they are', () => {
    expect(handed('hostile words')).toMatchObject({
      MANIFESTS_REF: hostile,
      REASON: hostile,
      KEEP: hostile,
      NODES: hostile,
    });
  });

  it('cleanup says that nothing is to be baked, and APPLY only when it was said', () => {
    expect(handed('cleanup by night')).toEqual({ CLEANUP_ONLY: true, APPLY: false });
    expect(handed('cleanup with APPLY')).toEqual({ CLEANUP_ONLY: true, APPLY: true });
  });

  it('recycle-stale is an ordinary build with a reason', () => {
    expect(handed('stale')).toEqual({ REASON: 'recycle-stale' });
  });

  it('hand over only what bake-on-commit has, in its kind', () => {
    const kinds = new Map(declared().map(({ name, kind }) => [name, kind]));
    const all = Object.values(answers.starters).flatMap(({ steps }) =>
      steps.flatMap(({ given }) => given.parameters ?? []),
    );
    for (const { name, kind } of all) expect({ name, kind }).toEqual({ name, kind: kinds.get(name) });
  });

  it('show the result, name and description of the build that they started, and where it is if Jenkins knows', () => {
    const shown = { displayName: '#3: bake-on-commit #7 web', result: 'FAILURE' };
    const urlled = '1 of 2 nodes failed https://jenkins.example.com/job/bake-on-commit/7/';
    for (const key of ['all nodes', 'cleanup with APPLY', 'stale']) {
      expect(answers.starters[key]?.currentBuild).toEqual({ ...shown, description: '1 of 2 nodes failed ' });
    }
    expect(answers.starters['cleanup by night']?.currentBuild).toMatchObject({ result: 'SUCCESS' });
    expect(answers.starters['a Jenkins that knows its URL']?.currentBuild.description).toBe(urlled);
    expect(answers.starters['a build without description']?.currentBuild.description).toBe('FAILURE ');
  });

  it.each(['aborted by hand', 'aborted cleanup', 'aborted stale'])('%s: the abort goes through', (key) => {
    expect(answers.starters[key]).toMatchObject({
      error: expect.stringContaining('aborted'),
      currentBuild: {},
    });
  });

  it('seed hands to Job DSL all that it needs, beside itself, in the sandbox if that was chosen', () => {
    const seeded = (key: string) => answers.starters[key]?.steps.find(({ step }) => step === 'jobDsl')?.given;
    expect(seeded('seed')).toEqual({
      targets: 'jobs/*.groovy',
      additionalParameters: {
        ownName: 'bakehouse',
        repository: 'git@git.example.com:bakehouse.git',
        credentials: '',
        branch: '*/main',
        nodes: nodeNames,
        agent: 'bakehouse',
        sandboxed: false,
      },
      lookupStrategy: 'SEED_JOB',
      removedJobAction: 'DISABLE',
      failOnMissingPlugin: true,
      sandbox: false,
    });
    expect(seeded('seed with credentials')).toMatchObject({
      sandbox: true,
      additionalParameters: { credentials: 'git-key', agent: 'linux', sandboxed: true },
    });
    const [first, ...more] = answers.starters.seed?.steps ?? [];
    expect(first).toEqual({ step: 'node', given: 'bakehouse' });
    // What each pipeline runs on an agent, in a team's repository as in this one.
    expect(more.filter(({ step }) => step === 'sh').map(({ given }) => given)).toEqual([
      'jobs/install.sh',
      'exec node_modules/.bin/bakehouse jenkins choices',
    ]);
  });
});

describe('Groovy that Jenkins runs', () => {
  const strange = (used: string[], known: Record<string, string[]>) =>
    used.filter((name) => !Object.values(known).flat().includes(name) && !/^[A-Z_]+$/.test(name));

  it.each([...files, ...asked.whole])('%s gives no shell a text that is put together', (path) => {
    expect(answers.code[path]?.error).toBeUndefined();
    expect(answers.code[path]?.assembled).toEqual([]);
  });

  it.each(jobFiles)(
    '%s calls nothing but Job DSL, and asks what is bound, which a sandbox allows',
    (path) => {
      expect(answers.code[path]).toMatchObject({ properties: [], classes: [] });
      expect(codeOf(path).methods.filter((name) => name !== 'hasVariable')).toEqual([]);
    },
  );

  it.each([...pipelines, ...asked.whole])(
    '%s calls nothing that an administrator would have to approve',
    (path) => {
      const { methods, properties, classes, steps } = codeOf(path);
      expect(strange(methods, allowed.methods)).toEqual([]);
      expect(strange(properties, allowed.properties)).toEqual([]);
      expect(classes.filter((name) => !allowed.classes.includes(name))).toEqual([]);
      expect(steps.filter((name) => name.startsWith('dynamic'))).toEqual([]);
    },
  );

  it.each(files)('%s is ASCII: Jenkins reads it in the character set of its computer', (path) => {
    expect(answers.code[path]?.ascii).toBe(true);
  });
});

describe('Job DSL as the tests know it', () => {
  it.each(Object.entries(wrong))('refuses %s', (title, [, problem]) => {
    expect(answers.jobs[title]?.error).toContain(problem);
  });

  it.each(Object.entries(harmful))('%j does not pass for harmless', (text, facts) => {
    expect(answers.code[text]).toMatchObject(facts);
  });

  it('refuses a file whose name is no name of a class', () => {
    expect(answers.jobs['its name has a -']?.error).toContain('invalid script name');
  });
});
