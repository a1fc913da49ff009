import { createHash } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';

/** An agent of a build: its workspaces lie in `root`, and last. */
export interface AgentWish {
  name: string;
  labels: string[];
  executors?: number;
  root: string;
  env?: Record<string, string>;
}

/** What a build is given. `file` or `text` is its Jenkinsfile. */
export interface BuildWish {
  /** The controller's folder: jobs with their builds, locks. */
  controller: string;
  job?: string;
  file?: string;
  text?: string;
  parameters?: Record<string, string | boolean>;
  agents?: AgentWish[];
  plugins?: ('timestamper' | 'lockable-resources')[];
  credentials?: Record<string, { username: string; password: string } | { secret: string }>;
  scm?: { url: string; branch: string };
  /** The shared libraries that the controller knows, and the folder of each. */
  libraries?: Record<string, string>;
  /** Other jobs, for the step `build`. */
  jobs?: Record<string, { file?: string; text?: string }>;
  /** Where plugins of 2021 behave otherwise. */
  year?: 2021;
  /** After how long a step that is stopped ends though its process goes on; Jenkins': 20. */
  stopSeconds?: number;
  /** How long a minute of `timeout` is. */
  minuteMs?: number;
}

export interface Step {
  step: string;
  label: string | null;
  branch: string | null;
  stage: string | null;
  ms: number;
  error?: string;
  bytes?: number;
}

/** What became of a build; `console` is its log. */
export interface BuildEnd {
  job: string;
  number: number;
  tag: string;
  result: 'SUCCESS' | 'UNSTABLE' | 'FAILURE' | 'NOT_BUILT' | 'ABORTED';
  displayName: string;
  description: string | null;
  stages: { name: string; result: string; skipped: string | null }[];
  branches: string[];
  steps: Step[];
  cases: {
    file: string;
    suite: string;
    className: string;
    name: string;
    status: string;
    message: string | null;
  }[];
  archived: string[];
  downstream: BuildEnd[];
  rejected: string[];
  parameters: { type: string; name: string; defaultValue: string | boolean; description: string | null }[];
  options: Record<string, unknown>;
  harnessError: string | null;
  folder: string;
  console: string;
}

/** A build on its way. */
export interface RunningBuild {
  ended: Promise<BuildEnd>;
  /** Waits until the console has the text; throws with all of it when the build ends before. */
  says: (text: string) => Promise<void>;
  abort: () => void;
  /** A person says yes or no to the step `input`. */
  answer: (user: string, yes: boolean) => void;
}

interface Answer {
  id: string;
  started?: string;
  result?: BuildEnd & { log: string };
  broken?: string;
}

/** What runs for seconds only need not be compiled well: half the time for groovyc. */
const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

/** Jenkins as far as a Jenkinsfile can tell: a process of Groovy that runs builds. See harness/Main.groovy. */
export class Controller {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private broken: string | undefined;
  private last = 0;

  private constructor(classes: string) {
    const jars = ['/usr/share/groovy/lib/*', '/usr/share/java/ant.jar', classes].join(':');
    this.child = spawn('java', [...quickStart, '-Xmx512m', '-cp', jars, 'harness.Main'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.waiting.get(answer.id)?.(answer);
    });
    // Nobody waits for the answers of one that has ended, or that could not start.
    this.child.once('exit', (code) => {
      this.broken = `its process ended with ${String(code)}`;
      for (const [id, answer] of this.waiting) answer({ id, broken: this.broken });
    });
    this.child.stdin?.on('error', () => undefined);
  }

  static async start(): Promise<Controller> {
    return new Controller(await harnessClasses());
  }

  private send(command: object): void {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** Starts a build; one of a job that runs one at a time waits for its turn. */
  begin(wish: BuildWish): RunningBuild {
    const id = String((this.last += 1));
    let folder: string | undefined;
    let over = false;
    const ended = new Promise<BuildEnd>((resolve, reject) => {
      this.waiting.set(id, ({ started, result, broken }) => {
        if (started !== undefined) folder = started;
        if (broken !== undefined) reject(new Error(`the harness broke: ${broken}`));
        if (result !== undefined) {
          over = true;
          resolve({ ...result, console: readFileSync(result.log, 'utf8') });
        }
      });
    });
    // A test may stop the controller under a build, whose end nobody waits for then.
    ended.catch(() => undefined);
    if (this.broken === undefined) this.send({ id, run: wish });
    else this.waiting.get(id)?.({ id, broken: this.broken });
    const console = () => (folder === undefined ? '' : readFileSync(join(folder, 'log'), 'utf8'));
    return {
      ended,
      says: async (text) => {
        while (!console().includes(text)) {
          if (over) throw new Error(`'${text}' was not said:\n${console()}`);
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
      },
      abort: () => {
        this.send({ abort: id });
      },
      answer: (user, yes) => {
        this.send({ answer: id, user, yes });
      },
    };
  }

  /** Runs a build to its end. What a real controller would not survive, or not allow, is an error here. */
  async build(wish: BuildWish): Promise<BuildEnd> {
    return this.begin(wish).ended;
  }

  /** Takes the power from an agent; with `back` it comes up again at once. */
  kill(agent: AgentWish, back: boolean): void {
    this.send({ kill: agent.root, back });
  }

  /** Ends the process, and whatever its builds still run. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    await ended;
  }
}

/** The harness compiled, once for each of its states and for each user, who may read it. */
async function harnessClasses(): Promise<string> {
  const sources = readdirSync(join(root, 'test/jenkins/harness'))
    .sort()
    .map((name) => join(root, 'test/jenkins/harness', name));
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  const wanted = join(tmpdir(), `bakehouse-harness-${userInfo().uid}-${hash.digest('hex').slice(0, 16)}`);
  const exists = () => readdirSync(tmpdir()).includes(wanted.slice(tmpdir().length + 1));
  if (exists()) return wanted;
  const made = mkdtempSync(join(tmpdir(), 'bakehouse-harness-new-'));
  const args = ['--encoding', 'UTF-8', '-cp', '/usr/share/java/ant.jar', '-d', made, ...sources];
  await execa('groovyc', args, { env: { JAVA_OPTS: quickStart.join(' ') } });
  try {
    renameSync(made, wanted);
  } catch (error) {
    // Another test file was quicker.
    if (!exists()) throw error;
    rmSync(made, { recursive: true, force: true });
  }
  return wanted;
}
