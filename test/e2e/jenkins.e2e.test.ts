import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { AgentWish } from '../jenkins/controller.ts';
import { root } from '../cli/stage-process.ts';
import { commitAll, minutes, openSite, shellSteps, type Site, writeEnvironment } from './jenkins-site.ts';
import { type Cloud, clientSettings, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { withPuppet } from './puppet-image.ts';

/**
 * The Jenkinsfile of a team's repository on the local cloud, where it bakes: the first build of a job, what follows on it, builds that are cut off. The
 * tests build on each other, in their order.
 */

const job = 'bake-on-commit';
let cloud: Cloud;
let site: Site;
let agents: AgentWish[];
let project: string;

beforeAll(async () => {
  cloud = await startCloudWithPuppet();
  site = await openSite(cloud.env);
  agents = [await site.agent('one', job, { isNew: true }), await site.agent('two', job, { isNew: true })];
  project = await site.team('project', (place) => {
    mkdirSync(join(place, 'infra'));
    writeFileSync(
      join(place, 'infra/nodes.yaml'),
      `mail: {group: redis, promote: {regions: {eu-west-1: {}}}, ${withPuppet}}\nnews: {group: web, ${withPuppet}}\n`,
    );
    writeEnvironment(join(place, 'puppet'), {
      mail: "file { '/etc/mail-of-test': content => 'one' }",
      news: "file { '/etc/news-of-test': content => 'one' }",
    });
  });
}, 5 * minutes);
afterAll(async () => {
  await site.stop();
  await cloud.stop();
}, 2 * minutes);

/** As the team has edited it: its files have their own places. */
const text = readFileSync(join(root, 'Jenkinsfile'), 'utf8')
  .replace("BAKEHOUSE_NODES = 'nodes.yaml'", "BAKEHOUSE_NODES = 'infra/nodes.yaml'")
  .replace("BAKEHOUSE_MANIFESTS = 'templates/environment'", "BAKEHOUSE_MANIFESTS = 'puppet'");
const given = (parameters: Record<string, string | boolean> = {}) => ({
  job,
  text,
  agents,
  parameters,
  scm: { url: project, branch: 'main' },
});
const build = (parameters: Record<string, string | boolean> = {}) => site.build(given(parameters));
const images = async () =>
  (await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images ?? [];
const verified = async () =>
  (await images())
    .filter(({ Tags = [] }) =>
      Tags.some(({ Key, Value }) => Key === 'bakehouse:verified' && Value === 'true'),
    )
    // EC2 has no order; names have the time of the bake.
    .sort(({ Name: a = '' }, { Name: b = '' }) => (a < b ? -1 : 1))
    .map(({ ImageId = '', Name = '' }) => ({ id: ImageId, node: Name.replace(/-\d+$/, '') }));
/** The image of mail that is in service in a region. */
const currentIn = async (region: string) => {
  const ssm = new SSMClient(clientSettings(cloud.env, region));
  return (await ssm.send(new GetParameterCommand({ Name: '/bakehouse/mail' }))).Parameter?.Value;
};
/** Only images are left, which cost next to nothing. */
const calm = { instances: [], volumes: [], keyPairs: [] };

test(
  'the first build of a job, which has no parameters yet, bakes, proves and names every node',
  async () => {
    const end = await build();
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject({ rejected: [], harnessError: null, branches: ['mail', 'news'] });
    expect(end.displayName).toBe('#1 mail, news');
    const proved = await verified();
    expect(proved.map(({ node }) => node).sort()).toEqual(['mail', 'news']);
    for (const { node, id } of proved) expect(end.description).toContain(`${node}: ${id}`);
    expect(await whatIsThere(cloud.ec2)).toMatchObject(calm);
    expect(shellSteps(end, 'mail')).toEqual(['install', 'generate', 'build', 'verify']);
    expect(end.archived).toEqual(
      expect.arrayContaining([
        'plan.json',
        'packs/mail.json',
        'reports/news/bake.json',
        'reports/cleanup.json',
      ]),
    );
    expect(end.archived.filter((name) => name.includes('.work'))).toEqual([]);
    const cases = end.cases.map(({ className, name, status }) => `${className} ${name} ${status}`);
    expect(cases.filter((text) => !text.endsWith('passed'))).toEqual([]);
    expect(end.cases.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['reports/plan.junit.xml', 'reports/mail/junit.xml', 'reports/news/junit.xml']),
    );
    expect(end.stages.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'Plan SUCCESS',
      'Bake SUCCESS',
      'Promote NOT_BUILT',
      'Cleanup SUCCESS',
      'Declarative: Post Actions SUCCESS',
    ]);
  },
  5 * minutes,
);

test(
  'then there is nothing to bake, and the build says so',
  async () => {
    const end = await build();
    expect(end).toMatchObject({ result: 'SUCCESS', branches: [], rejected: [] });
    expect(end.description).toBe('nothing to bake: 2 nodes unchanged');
    expect(end.stages.find(({ name }) => name === 'Bake')).toMatchObject({ skipped: 'when' });
    expect(await verified()).toHaveLength(2);
  },
  2 * minutes,
);

test(
  'of two nodes whose manifests lie elsewhere, one that fails stops neither the other, which goes into service in two regions, nor the cleanup, and makes the build red',
  async () => {
    const manifests = await site.repository('manifests', (place) => {
      writeEnvironment(join(place, 'puppet'), {
        mail: "file { '/etc/mail-of-test': content => 'two' }",
        news: "exec { '/bin/false': }",
      });
    });
    const elsewhere = { MANIFESTS_URL: pathToFileURL(manifests).href, MANIFESTS_DIR: 'puppet' };
    const dry = await build({ ...elsewhere, DRY_RUN: true });
    expect(dry).toMatchObject({
      result: 'SUCCESS',
      branches: [],
      description: 'DRY_RUN is set: would bake mail, news',
    });

    const end = await build({ ...elsewhere, REASON: 'since I say so', PROMOTE: 'yes' });
    expect([end.result, end.console]).toEqual(['FAILURE', expect.anything()]);
    expect(end.description).toMatch(
      /^since I say so\n1 of 2 nodes failed: news\nmail: ami-\w+ in service in us-east-1, eu-west-1 \(ami-\w+\) \(no difference is known\)\nnews: rejected/,
    );
    const [, original, copy] = /mail: (ami-\w+) .*\((ami-\w+)\)/.exec(end.description ?? '') ?? [];
    expect([await currentIn('us-east-1'), await currentIn('eu-west-1')]).toEqual([original, copy]);
    expect(end.archived).toContain('reports/mail/promote.json');
    expect(end.stages.find(({ name }) => name === 'Promote')).toMatchObject({ result: 'SUCCESS' });
    expect((await verified()).filter(({ node }) => node === 'mail')).toHaveLength(2);
    expect(end.cases).toContainEqual(
      expect.objectContaining({ name: 'Exec[/bin/false]', status: 'failed', file: 'reports/news/junit.xml' }),
    );
    expect(end.stages.find(({ name }) => name === 'Cleanup')).toMatchObject({ result: 'SUCCESS' });
    expect(await whatIsThere(cloud.ec2)).toMatchObject(calm);
  },
  5 * minutes,
);

test(
  'the job promote puts the image of the first build back into service in both regions, at once',
  async () => {
    const [older] = (await verified()).filter(({ node }) => node === 'mail');
    const parameters = { ACTION: 'promote', NODE: 'mail', IMAGE: older?.id ?? '', REASON: 'the new one is slow', APPLY: true };
    const place = join(site.folder, 'jenkins home/jobs/promote');
    mkdirSync(place, { recursive: true });
    const known = Object.entries(parameters).map(([name, value]) => ({ name, type: typeof value === 'string' ? 'string' : 'booleanParam', defaultValue: '' }));
    writeFileSync(join(place, 'parameters.json'), JSON.stringify(known));
    const job = readFileSync(join(root, 'jobs/promote.jenkinsfile'), 'utf8').replace("'nodes.yaml'", "'infra/nodes.yaml'");
    const end = await site.build({ ...given(parameters), job: 'promote', text: job });
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject({ harnessError: null, rejected: [] });
    const was = (region: string) => `mail: ami-\\w+ in service in ${region}, before it ami-\\w+`;
    expect(end.displayName).toMatch(/^#1 promote mail$/);
    expect(end.description).toMatch(new RegExp(`^the new one is slow\n${was('us-east-1')}\n${was('eu-west-1')}`));
    expect(await currentIn('us-east-1')).toBe(older?.id);
  },
  2 * minutes,
); // prettier-ignore

/** A bake that is in no hurry, so that it can be met. */
const slow = async () => {
  const manifests = join(site.folder, 'repositories/slow');
  if (!existsSync(manifests))
    await site.repository('slow', (place) => {
      writeEnvironment(place, { mail: "exec { '/bin/sleep 120': }" });
    });
  return given({ NODES: 'mail', MANIFESTS_URL: pathToFileURL(manifests).href });
};

test(
  'a build that is stopped in the middle of a bake leaves nothing',
  async () => {
    const before = await whatIsThere(cloud.ec2);
    const running = site.controller().begin(site.wish(await slow()));
    await running.says('Puppet running');
    running.abort();
    const end = await running.ended;
    expect(end).toMatchObject({ result: 'ABORTED', harnessError: null });
    expect(end.description).toContain('mail: rejected');
    expect(await whatIsThere(cloud.ec2)).toEqual(before);
  },
  3 * minutes,
);

test(
  'what an agent that lost its power had running, the end of the same build takes away',
  async () => {
    const [agent] = agents as [AgentWish];
    const before = await whatIsThere(cloud.ec2);
    const running = site.controller().begin(site.wish({ ...(await slow()), agents: [agent] }));
    await running.says('waiting for ssh');
    site.controller().kill(agent, true);
    const end = await running.ended;
    expect(end.result).not.toBe('SUCCESS');
    expect(end.harnessError).toBeNull();
    expect(end.description).toContain('mail: rejected');
    expect(shellSteps(end)).toContain('leftovers');
    expect(await whatIsThere(cloud.ec2)).toEqual(before);
  },
  3 * minutes,
);

test(
  'what a build has left that died with the whole controller, the next build takes away',
  async () => {
    const before = await whatIsThere(cloud.ec2);
    const running = site.controller().begin(site.wish(await slow()));
    await running.says('waiting for ssh');
    await site.crash();
    expect(await whatIsThere(cloud.ec2)).not.toEqual(before);
    const end = await build({ NODES: 'news' });
    expect(end).toMatchObject({ result: 'SUCCESS', description: 'nothing to bake: 1 node unchanged' });
    expect(await whatIsThere(cloud.ec2)).toEqual(before);
  },
  3 * minutes,
);

test(
  'each part of a build has the commit of its first part, whatever is pushed meanwhile',
  async () => {
    const running = site.controller().begin(site.wish(given({ DRY_RUN: true })));
    await running.says('[Pipeline] sh (check)');
    writeEnvironment(join(project, 'puppet'), { mail: 'fail("broken meanwhile")' });
    await commitAll(project);
    const end = await running.ended;
    const revisions = [...end.console.matchAll(/Checking out Revision (\w+)/g)].map(([, commit]) => commit);
    expect(end).toMatchObject({ result: 'SUCCESS' });
    expect(revisions.length).toBeGreaterThan(1);
    expect(new Set(revisions).size).toBe(1);
  },
  2 * minutes,
);
