import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { openSite, shellSteps, type Site } from '../e2e/jenkins-site.ts';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { pushedBranch } from '../../src/jenkins/deploy-job.ts';
import type { AgentWish } from './controller.ts';
import { pipeline } from './jobs-of-tests.ts';

const nodes = 'redis: {group: g}\nweb: {group: g, facts_from: deploys/web.yaml}\n';
const git = async (place: string, ...args: string[]) =>
  (await execa('git', ['-C', place, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args])).stdout;

describe('the deploy job', () => {
  let site: Site;
  let agent: AgentWish;
  let project: string;
  const at = (name: string) => readFileSync(join(project, name), 'utf8');
  const commits = async () => (await git(project, 'log', '--format=%s')).split('\n');

  beforeAll(async () => {
    site = await openSite({});
    agent = await site.agent('one', 'deploy');
    project = await site.project('project', (place) => {
      writeFileSync(join(place, 'nodes.yaml'), nodes);
    });
    await git(project, 'config', 'receive.denyCurrentBranch', 'updateInstead');
  });
  afterAll(async () => {
    await site.stop();
  });

  const bake = { text: pipeline("echo(\"bakes ${params.NODES}: ${params.REASON}\")", { sections: "parameters { string(name: 'NODES', defaultValue: '', description: ''); string(name: 'REASON', defaultValue: '', description: '') }" }) }; // prettier-ignore
  const build = (parameters: Record<string, string>) => {
    // As Job DSL leaves the job: with its parameters.
    const home = join(site.folder, 'jenkins home/jobs/deploy');
    const known = ['NODE', 'FACTS', 'FILE', 'PUSH_CREDENTIALS', 'AGENT'];
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'parameters.json'), JSON.stringify(known.map((name) => ({ type: 'string', name, defaultValue: '' })))); // prettier-ignore
    return site.build({
      ...{ file: join(project, 'jobs/deploy.jenkinsfile'), job: 'deploy', agents: [agent], parameters },
      ...{ scm: { url: project, branch: '*/main' }, jobs: { 'bake-on-commit': bake } },
    });
  };

  test('writes the facts, pushes a commit that names them, and has the node baked; the same again pushes nothing', async () => {
    const end = await build({ NODE: 'web', FACTS: 'version=1.4.2 tier=two' });
    expect([end.result, end.harnessError, end.rejected, end.console]).toEqual(['SUCCESS', null, [], end.console]);
    expect(shellSteps(end)).toEqual(['clean', 'install', 'deploy', 'push']);
    expect(at('deploys/web.yaml')).toBe('version: 1.4.2\ntier: two\n');
    expect(await commits()).toEqual(['web: version=1.4.2 tier=two', 'a change']);
    expect(await git(project, 'show', '--format=', '--name-only')).toBe('deploys/web.yaml');
    const logs = end.downstream.map((bakeEnd) => readFileSync((bakeEnd as unknown as { log: string }).log, 'utf8'));
    expect(logs).toEqual([expect.stringContaining('bakes web: a deploy')]);

    const again = await build({ NODE: 'web', FACTS: 'version=1.4.2' });
    expect(again.result).toBe('SUCCESS');
    expect(again.console).toContain('nothing to push');
    expect([(await commits()).length, again.downstream.length]).toEqual([2, 1]);
  }, 120_000); // prettier-ignore

  test.each([
    ['$(touch hacked)', 'version=$(touch-hacked)', '"version" has `$(`'],
    ['a line break', 'version=1\ntouch hacked', '"version" has a line break'],
    ['backticks', 'version=`touch-hacked`', '"version" has `$(`'],
    ['quotes and a command', `version="; touch hacked; '`, '"touch" is not NAME=VALUE'],
    ['a flag', 'version=1 --file=/etc/passwd', '"--file" is not the name of a fact'],
    ['Groovy', 'version=${1+1}', '"version" has `$(`'],
    ['nothing', '', 'no fact is given'],
  ])('refuses %s in FACTS: nothing is written, pushed or baked', async (_, FACTS, message) => {
    const before = [await commits(), readdirSync(project)];
    const end = await build({ NODE: 'web', FACTS });
    expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, downstream: [] });
    expect(shellSteps(end).at(-1)).toBe('deploy');
    expect(end.console).toContain('deploy --nodes=nodes.yaml --node=web');
    expect(end.console).toContain(message);
    expect([await commits(), readdirSync(project)]).toEqual(before);
    const workspace = join(agent.root, 'workspace/deploy');
    expect(existsSync(join(workspace, 'hacked')) || existsSync(join(workspace, 'touch-hacked'))).toBe(false);
    expect(await git(workspace, 'status', '--porcelain')).toBe('');
  }, 60_000); // prettier-ignore

  test('refuses a node without a file, and an agent that may be the controller', async () => {
    const end = await build({ NODE: 'redis', FACTS: 'version=1' });
    expect(end.console).toContain('add the line `facts_from: deploys/redis.yaml`');
    expect((await build({ AGENT: 'built-in' })).console).toContain('parameter AGENT is not the label');
  }, 60_000);
});

describe('the push of a deploy', () => {
  const folder = temporaryFolder();
  const [remote, workspace, other] = ['remote', 'work', 'other'].map((name) => join(folder.path, name)) as [string, string, string]; // prettier-ignore
  afterAll(() => {
    folder.remove();
  });
  const push = (env: Record<string, string> = {}) =>
    stage('jenkins', ['push'], {
      cwd: workspace,
      env: {
        NODE: 'web',
        FACTS: 'version=2',
        DEPLOY_BRANCH: '*/main',
        BUILD_TAG: 'jenkins-deploy-3',
        ...env,
      },
    });

  beforeAll(async () => {
    await execa('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', remote]);
    for (const place of [workspace, other]) await execa('git', ['clone', '--quiet', remote, place]);
    await git(workspace, 'checkout', '--quiet', '-b', 'main');
    writeFileSync(join(workspace, 'nodes.yaml'), nodes.replaceAll('deploys/', ''));
    await git(workspace, 'add', '.');
    await git(workspace, 'commit', '--quiet', '-m', 'first');
    await git(workspace, 'push', '--quiet', 'origin', 'main');
    await git(workspace, 'checkout', '--quiet', '--detach');
  });

  test('goes to the branch, with the build that made it, and leaves other files alone', async () => {
    writeFileSync(join(workspace, 'web.yaml'), 'version: 2\n');
    writeFileSync(join(workspace, 'junk'), '');
    expect(await push()).toMatchObject({ exitCode: 0, stdout: 'pushed to main: web: version=2' });
    expect(await git(remote, 'show', '--format=%an: %B', '--name-only', 'main')).toBe(
      'Bakehouse: web: version=2\n\nDeployed by jenkins-deploy-3.\n\n\nweb.yaml',
    );
  });

  test('ends with code 4 where somebody else has pushed meanwhile, or nobody answers', async () => {
    await git(other, 'pull', '--quiet', 'origin', 'main');
    await git(other, 'commit', '--quiet', '--allow-empty', '-m', 'theirs');
    await git(other, 'push', '--quiet', 'origin', 'HEAD:main');
    writeFileSync(join(workspace, 'web.yaml'), 'version: 3\n');
    const late = await push();
    expect(late).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('somebody else has pushed meanwhile: build again') }); // prettier-ignore
    await git(workspace, 'remote', 'set-url', 'origin', 'http://127.0.0.1:9/x.git');
    writeFileSync(join(workspace, 'web.yaml'), 'version: 4\n');
    expect((await push()).exitCode).toBe(4);
  });

  test('gives the credential to the server, and to no log and no command line', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(request.headers.authorization === undefined ? 401 : 403, {
        'WWW-Authenticate': 'Basic realm="git"',
      });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await git(workspace, 'remote', 'set-url', 'origin', `http://127.0.0.1:${String(port)}/x.git`);
    writeFileSync(join(workspace, 'web.yaml'), 'version: 5\n');
    const secret = 'a\\b "c" $d %s';
    const end = await push({ DEPLOY_USER: 'robot', DEPLOY_PASSWORD: secret });
    server.close();
    expect(asked).toContain(`Basic ${Buffer.from(`robot:${secret}`).toString('base64')}`);
    expect(end.exitCode).toBe(4);
    expect(end.stdout + end.stderr).not.toContain(secret);
  });

  test.each([
    ['*/main', 'main'],
    ['main', 'main'],
    ['refs/heads/release/1', 'release/1'],
    ['origin/main', 'main'],
  ])('takes %s for the branch %s', (name, branch) => {
    expect(pushedBranch(name)).toBe(branch);
  });

  test.each(['', '**', '*/', '-x', 'a b', 'refs/tags/..', '$(id)', '0'.repeat(40)])(
    'takes %j for no branch',
    (name) => {
      expect(() => pushedBranch(name)).toThrow('is not a branch');
    },
  );
});
