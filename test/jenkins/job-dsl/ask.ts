import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { fc } from '../../runs.ts';

/**
 * What the tests ask of Groovy about the jobs, and what it answers. Groovy (Debian's 2.4, the version that Jenkins has) takes
 * seconds to start, so one start answers everything.
 */

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'test/jenkins/job-dsl');
export const read = (path: string) => readFileSync(join(root, path), 'utf8');
export const files = readdirSync(join(root, 'jobs'))
  .filter((name) => /\.(groovy|jenkinsfile)$/.test(name))
  .map((name) => `jobs/${name}`);
export const jobFiles = files.filter((file) => file.endsWith('.groovy'));
/** The whole pipeline, and what is made of it. */
export const whole = ['Jenkinsfile', 'vars/bakehouse.groovy'];
export const pipelines = files.filter((file) => file.endsWith('.jenkinsfile'));

export interface Parameter {
  kind: string;
  name: string;
  defaultValue?: unknown;
  choices?: string[];
  description: string;
}
export interface Job {
  name: string;
  properties: {
    disableConcurrentBuilds?: object;
    pipelineTriggers?: { triggers: { pollSCM?: { scmpoll_spec: string }; cron?: { spec: string } } };
  };
  parameters?: Parameter[];
  definition: {
    cps?: { script: string; sandbox: boolean };
    cpsScm?: { scm: { git: { remote: object; branch: string } }; scriptPath: string };
  };
}
export interface Code {
  steps: string[];
  methods: string[];
  properties: string[];
  classes: string[];
  assembled: string[];
  ascii: boolean;
  error?: string;
}
interface Handed {
  kind: string;
  name: string;
  value: unknown;
}
export interface Starter {
  error?: string;
  steps: { step: string; given: Record<string, unknown> & { parameters?: Handed[] } }[];
  currentBuild: Record<string, string>;
}
export interface Answers {
  jobs: Record<string, { made?: Job[]; error?: string }>;
  starters: Record<string, Starter>;
  jenkinsfile: { parameters?: Parameter[]; error?: string };
  code: Record<string, Code>;
}

export const nodeNames = ['redis', 'web', 'web-db', '0-9', 'a'.repeat(63)];
export const anyNames = fc.sample(fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)), 20);
export const hostile = '$(touch x) `touch x` "; touch x; \' ${1 + 1}\n../..';
export const chosen = {
  NODE: 'all that plan says',
  NODES: '',
  MANIFESTS_REF: '',
  REASON: '',
  KEEP: '',
  FORCE: false,
  DRY_RUN: false,
};
const baked = {
  result: 'FAILURE',
  fullDisplayName: 'bake-on-commit #7 web',
  description: '1 of 2 nodes failed',
};
const env = { BUILD_NUMBER: '3', JOB_BASE_NAME: 'bakehouse' };

const starter = (
  name: string,
  params: object = chosen,
  answer: object | null = baked,
  more: object = {},
) => ({
  ...{ file: `jobs/${name}.jenkinsfile`, params, env, answer },
  ...more,
});
const seed = (params: object, remote: object = { url: 'git@git.example.com:bakehouse.git' }) =>
  starter('seed', params, null, {
    scm: { userRemoteConfigs: [remote], branches: [{ name: '*/main' }] },
  });

/** Lines that Job DSL refuses, or takes for something else, each in an otherwise good job, and its message. */
export const wrong: Record<string, [line: string, message: string]> = {
  'a parameter outside of its block': [
    "stringParam('A', '', '')",
    'no stringParam(String, String, String) here',
  ],
  'a misspelt option': ["descripton('x')", 'no descripton(String) here'],
  'a trigger outside of its property': ["triggers { cron('@daily') }", 'no triggers('],
  'a trigger as written before 1.77': [
    "properties { pipelineTriggers { triggers { cron('@daily') } } }",
    'not cron(@daily)',
  ],
  'a trigger without its time': [
    'properties { pipelineTriggers { triggers { cron { } } } }',
    'cron lacks spec',
  ],
  'a trigger of another plugin': [
    'properties { pipelineTriggers { triggers { githubPush() } } }',
    'not githubPush()',
  ],
  'an option that later versions lack': ['concurrentBuild(false)', 'no concurrentBuild(Boolean) here'],
  'a number for a text': [
    "parameters { stringParam('A', 1, '') }",
    'no stringParam(String, Integer, String)',
  ],
  'a text for a flag': [
    "parameters { booleanParam('A', 'false', '') }",
    'no booleanParam(String, String, String)',
  ],
  'a choice of nothing': ["parameters { choiceParam('A', [], '') }", 'at least one choice'],
  'a parameter twice': ["parameters { 2.times { stringParam('A', '', '') } }", 'given twice'],
  'a line in the wrong block': [
    "definition { cpsScm { url('x') } }",
    'CpsScm: Job DSL has no url(String) here',
  ],
  'a variable that the seed does not bind': ['description(unheard)', 'nothing is named unheard here'],
};

/** Texts that must not pass for harmless, and what is found in them. */
export const harmful: Record<string, Partial<Code>> = {
  'sh "echo ${params.REASON}"': { assembled: ['line 1: echo $params.REASON'] },
  "sh(script: 'echo ' + params.REASON)": { assembled: ['line 1: (echo  + params.REASON)'] },
  "sh(label: params.REASON, script: 'true')": { assembled: ['line 1: params.REASON'] },
  'String text = params.REASON\nsh text': { assembled: ['line 2: text'] },
  'node { stage("x") { sh """\n$REASON""" } }': { assembled: ['line 1: \n$REASON'] },
  'void f() { sh f }': { assembled: ['line 1: f'] },
  "System.getenv('HOME')": { methods: ['getenv'] },
  '["touch", "x"].execute()': { methods: ['execute'] },
  'Jenkins.instance': { properties: ['instance'] },
  "new File('x')": { classes: ['File'] },
  'import hudson.model.Item': { classes: ['hudson.model.Item'] },
  '"${params.STEP}"("x")': { steps: ['dynamic: $params.STEP'] },
  'params."${params.NAME}"': { properties: ['NAME', 'dynamic: $params.NAME'] },
  'Eval.&me': { methods: ['pointer: me'] },
  '(File) 1': { classes: ['File'] },
};

const asked = {
  root,
  jobs: {
    ...Object.fromEntries(jobFiles.map((file) => [file, { file, seed: 'seed' }])),
    'with credentials': { file: 'jobs/bake_on_commit.groovy', seed: 'seed with credentials' },
    // A seed of one's own, as a freestyle job is: only what a checkout sets.
    ...Object.fromEntries(
      jobFiles.map((file) => [
        `${file} of another seed`,
        { file, bound: { GIT_URL: 'https://git.example.com/ours.git' } },
      ]),
    ),
    'its name has a -': { file: 'jobs/bake-on-commit.groovy', seed: 'seed' },
    ...Object.fromEntries(
      anyNames.map((nodes, index) => [
        `any ${index}`,
        { file: 'jobs/bake_by_hand.groovy', bound: { nodes } },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(wrong).map(([title, [line]]) => [
        title,
        { file: 'wrong.groovy', source: `pipelineJob('x') {\n${line}\n}`, bound: { branch: 'main' } },
      ]),
    ),
  },
  starters: {
    seed: seed({}),
    'seed with credentials': seed(
      { AGENT: 'linux', SANDBOX: true },
      { url: 'https://git.example.com/bakehouse.git', credentialsId: 'git-key' },
    ),
    'all nodes': starter('bake-by-hand'),
    'some nodes': starter('bake-by-hand', {
      ...chosen,
      NODE: 'web-db',
      NODES: 'redis, web',
      MANIFESTS_REF: 'v1',
      FORCE: true,
    }),
    'hostile words': starter('bake-by-hand', {
      ...chosen,
      NODES: hostile,
      MANIFESTS_REF: hostile,
      REASON: hostile,
      KEEP: hostile,
    }),
    'a build without description': starter('bake-by-hand', chosen, { ...baked, description: null }),
    'a Jenkins that knows its URL': starter(
      'bake-by-hand',
      chosen,
      { ...baked, absoluteUrl: 'https://jenkins.example.com/job/bake-on-commit/7/' },
      { env: { ...env, JENKINS_URL: 'https://jenkins.example.com/' } },
    ),
    'aborted by hand': starter('bake-by-hand', chosen, null),
    'cleanup by night': starter('cleanup', { APPLY: false }, { ...baked, result: 'SUCCESS' }),
    'cleanup with APPLY': starter('cleanup', { APPLY: true }),
    'aborted cleanup': starter('cleanup', { APPLY: true }, null),
    stale: starter('recycle-stale', {}),
    'aborted stale': starter('recycle-stale', {}, null),
  },
  code: {
    ...Object.fromEntries([...files, ...whole].map((path) => [path, read(path)])),
    ...Object.fromEntries(Object.keys(harmful).map((text) => [text, text])),
  },
};

/** Runs Groovy over all that is asked; `printed` is what the seed's "choices" has printed. */
export async function askGroovy(printed: string): Promise<Answers> {
  const starters = Object.entries(asked.starters).map(([name, one]) => [name, { ...one, stdout: printed }]);
  const { stdout } = await execa('groovy', ['-cp', folder, join(folder, 'record.groovy')], {
    input: JSON.stringify({ ...asked, starters: Object.fromEntries(starters) as object }),
    env: { JAVA_OPTS: '-XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8' },
  });
  return JSON.parse(stdout) as Answers;
}
