/** Where the Jenkinsfile brings together what the agents report. */
export const resultsFolder = 'results';

/** The parameters of a Jenkins build, checked. */
export interface Parameters {
  /** Only these; none: all. */
  nodes: string[];
  force: boolean;
  /** Why nothing may be baked or deleted, only planned; absent: it may. */
  dryRun?: string;
  /** Verified images to keep; absent: as nodes.yaml says. */
  keep?: number;
  /** For a person; may be empty. */
  reason: string;
  /** The file with the nodes and the Puppet environment, as seen from the workspace. */
  nodesFile: string;
  manifests: string;
  /** Where contents and records of images are kept; absent: in the reports. */
  archive?: string;
  /** How many nodes are baked at the same time. */
  parallel: number;
  cleanupOnly: boolean;
  /** Whether verified images go into service; `ask`: if a person approves. */
  promote: 'no' | 'yes' | 'ask';
  /** Who approved it, by the id that Jenkins knows; absent: nobody has yet. */
  approver?: string;
  /** With `cleanupOnly`: delete, not only say what would be deleted. */
  apply: boolean;
}

/** A parameter's rule: what is wrong with a value, or undefined. */
type Rule = (value: string) => string | undefined;

const matches =
  (pattern: RegExp, wrong: string): Rule =>
  (value) =>
    value === '' || pattern.test(value) ? undefined : wrong;

const flag = matches(/^(true|false)$/, 'is neither true nor false');
const count = matches(/^[1-9]\d{0,3}$/, 'is not a whole number from 1 to 9999');
const credentials = matches(
  /^[A-Za-z0-9_.-]{1,200}$/,
  "is not a credential's id: letters, digits and _ . - (Manage Jenkins, Credentials)",
);

const maxReason = 300;

// In the address of a git repository. Neither user nor host nor path begins with a dash: git and ssh would take it for an option.
const user = '(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*@)';
const host = '(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:.]+\\])';
const path = '[^\\s\\p{Cc}?#]*';
const repository = new RegExp(
  [
    `^(?:https?|git)://${host}(?::\\d+)?/${path}$`,
    `^ssh://${user}?${host}(?::\\d+)?/(?!-)${path}$`,
    `^file:///${path}$`,
    `^${user}${host}:(?!-)${path}$`,
    `^/${path}$`,
  ].join('|'),
  'iu',
);
/** A user name in https:// may be a token, in ssh:// it is only a name. A query is no part of a repository's address, and often a token. */
const maybeSecret = /^https?:\/\/[^/]*@|^[a-z]+:\/\/[^@/]*:(?!\d+\/)[^@]*@|^[a-z]+:\/\/.*[?#]/is;

const nodes: Rule = (value) => {
  const wrong = namesOf(value).filter((name) => !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name));
  return wrong.length === 0
    ? undefined
    : `has ${wrong.map(shown).join(', ')}, no node's name: give names of nodes.yaml, separated by spaces`;
};

const inside =
  (what: string): Rule =>
  (value) =>
    isPlain(value) && !/^[/-]|\\/.test(value) && !value.split('/').includes('..')
      ? undefined
      : `is not a ${what} within the repository: no .. and no / at its beginning`;

/** What it names, the stages check: a dash would make it a flag of theirs. */
export const archive: Rule = (value) =>
  isPlain(value) && !value.startsWith('-') ? undefined : 'is neither a folder nor s3://BUCKET/PREFIX';

const rules: Readonly<Record<string, Rule>> = {
  NODES: nodes,
  BAKEHOUSE_NODE: nodes,
  FORCE: flag,
  DRY_RUN: flag,
  CLEANUP_ONLY: flag,
  APPLY: flag,
  PROMOTE: matches(/^(no|yes|ask)$/, 'is none of no, yes and ask'),
  KEEP: count,
  PARALLEL: count,
  REASON: (value) =>
    value.length <= maxReason && isPlain(value)
      ? undefined
      : `is not a sentence of one line, of ${maxReason} characters at most`,
  MANIFESTS_URL: (value) => {
    if (value === '') return undefined;
    if (maybeSecret.test(value))
      return 'holds a password or token: give the id of a credential as MANIFESTS_CREDENTIALS, and the URL without it';
    return repository.test(value)
      ? undefined
      : 'is not the address of a git repository: https://…, ssh://…, git@host:path';
  },
  MANIFESTS_REF: (value) =>
    /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,200}$/.test(value) && !/\.\.|\/\/|\.lock(\/|$)|[./]$/.test(value)
      ? undefined
      : value === ''
        ? undefined
        : 'is not a branch, tag or commit',
  MANIFESTS_DIR: inside('folder'),
  MANIFESTS_CREDENTIALS: credentials,
  AWS_CREDENTIALS: credentials,
  // These three a team sets in its Jenkinsfile.
  BAKEHOUSE_NODES: inside('file'),
  BAKEHOUSE_MANIFESTS: inside('folder'),
  BAKEHOUSE_ARCHIVE: archive,
};

/**
 * The parameters of a build, from the environment of its steps. One that is missing counts as empty: the first build
 * of a job has none there.
 * @returns the parameters, or every problem at once, each in a sentence that names its parameter
 */
export function readParameters(environment: NodeJS.ProcessEnv): Parameters | { problems: string[] } {
  const value = (name: string) => environment[name]?.trim() ?? '';
  const problems = Object.entries(rules).flatMap(([name, rule]) => {
    const wrong = rule(value(name));
    const kind = name.startsWith('BAKEHOUSE_') ? 'variable' : 'parameter';
    return wrong === undefined ? [] : [`${kind} ${name} ${shownIf(name, value(name))}${wrong}`];
  });
  // Jenkins drops parameters that the job does not declare, without a word. A cleanup must not become a bake of everything.
  // Only a boolean shows it: an empty parameter does not reach a process either.
  if (environment.HANDED_OVER === 'true' && environment.CLEANUP_ONLY === undefined)
    problems.push(
      'the job that started this build passed parameters that this job does not declare yet: run the seed job, or build this job once by itself',
    );
  if (problems.length > 0) return { problems };
  const own = value('BAKEHOUSE_NODE');
  const keep = value('KEEP');
  const approver = value('BAKEHOUSE_APPROVER');
  const dryRun = value('DRY_RUN') === 'true' ? 'DRY_RUN is set' : otherBranch(environment);
  return {
    nodes: namesOf(own === '' ? value('NODES') : own),
    force: value('FORCE') === 'true',
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(keep === '' ? {} : { keep: Number(keep) }),
    reason: value('REASON'),
    nodesFile: value('BAKEHOUSE_NODES') || 'nodes.yaml',
    manifests: manifestsFolder(value),
    ...(value('BAKEHOUSE_ARCHIVE') === '' ? {} : { archive: value('BAKEHOUSE_ARCHIVE') }),
    parallel: Number(value('PARALLEL') || '4'),
    cleanupOnly: value('CLEANUP_ONLY') === 'true',
    promote: (value('PROMOTE') || 'no') as Parameters['promote'],
    ...(approver === '' ? {} : { approver }),
    apply: value('APPLY') === 'true',
  };
}

/** A multibranch job also builds branches and pull requests: what is not merged must not become an image. */
function otherBranch({ BRANCH_NAME = '', BAKEHOUSE_BRANCH = 'main' }: NodeJS.ProcessEnv): string | undefined {
  if (BRANCH_NAME === '' || BRANCH_NAME === BAKEHOUSE_BRANCH) return undefined;
  return `branch ${BRANCH_NAME} is not ${BAKEHOUSE_BRANCH}`;
}

/** The Jenkinsfile checks out another repository, or another commit of this one, into `manifests.checkout`; `manifests` may be a team's own. */
function manifestsFolder(value: (name: string) => string): string {
  const [url, ref, folder] = [value('MANIFESTS_URL'), value('MANIFESTS_REF'), value('MANIFESTS_DIR')];
  const own = value('BAKEHOUSE_MANIFESTS') || 'templates/environment';
  const within = folder === '' && url === '' ? own : folder;
  if (url === '' && ref === '') return within;
  return ['manifests.checkout', within].filter((part) => part !== '').join('/');
}

function namesOf(value: string): string[] {
  return value.split(/[\s,]+/).filter((name) => name !== '');
}

function isPlain(value: string): boolean {
  return !/\p{Cc}/u.test(value);
}

/** The value that was given; not of the URL, since it may hold a secret. */
function shownIf(name: string, value: string): string {
  return rules[name] === nodes || name === 'MANIFESTS_URL' ? '' : `(${shown(value)}) `;
}

function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** Why a build puts nothing into service, whatever it bakes; undefined: it does, or asks. */
export function whyNotPromoted({ promote, dryRun, cleanupOnly }: Parameters): string | undefined {
  if (promote === 'no') return 'PROMOTE is no';
  return dryRun ?? (cleanupOnly ? 'CLEANUP_ONLY is set' : undefined);
}
