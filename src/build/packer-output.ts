import { basename } from 'node:path';
import type { PackerFailure, RunScript } from './failure-cause.ts';

/** How far a bake is, in words for a person, by the messages of amazon-ebs and of our own provisioners. */
const phases: readonly (readonly [RegExp, string])[] = [
  [/^Launching a source AWS instance/, 'launching a machine'],
  [/^Waiting for instance .* to become ready/, 'machine booting'],
  [/^Waiting for SSH to become available/, 'waiting for ssh'],
  [/^Uploading .*upload\.tar/, 'uploading'],
  [/^Provisioning with shell script: .*bootstrap\.sh$/, 'installing Puppet'],
  [/^Provisioning with shell script: .*puppet\.sh$/, 'Puppet running'],
  [/^Downloading .*report\.yaml/, 'bringing the report back'],
  [/^Provisioning with shell script: .*seal\.sh$/, 'sealing'],
  [/^Stopping the source instance/, 'stopping the machine'],
  [/^Creating AMI \S+ from instance/, 'imaging'],
  [/^Terminating the source AWS instance/, 'terminating the machine'],
  [/^Deleting temporary keypair/, 'removing the key'],
];

/**
 * The steps that can follow a script. From Packer 1.13 on, a line that a machine prints comes like a step of Packer
 * (hashicorp/packer, commit f41c2719a): in a script, all but these is what the script prints.
 */
const afterScript = new RegExp(
  `^(?:${[
    'Provisioning with ',
    'Running local shell script: ',
    '(?:Uploading|Downloading) .* => ',
    '(?:Pausing|Setting a) .*provisioner',
    'Provisioner failed with ',
    'Provisioning step had errors',
    '(?:Stopping|Terminating) the source ',
  ].join('|')})`,
);

/** What one line of Packer's output adds. */
export interface PackerNews {
  /** The line as a person reads it, for packer.log; several lines when the message has them. */
  text?: string;
  phase?: string;
  /** The instance that the bake runs on, once it has an id. */
  instanceId?: string;
}

/** How many lines of a script are kept. */
const keptLines = 200;

/** Gathers from Packer's machine-readable output what a bake needs to know. */
export class PackerOutput {
  /** The image in the bake's region; absent as long as there is no artifact. */
  imageId: string | undefined;
  /** Packer has asked for an instance and not printed its id yet: it may come to life after Packer's end. */
  launching = false;
  readonly #region: string;
  readonly #errors: string[] = [];
  readonly #builds: string[] = [];
  readonly #refusals: string[] = [];
  #stateReason: string | undefined;
  #script: RunScript | undefined;
  #inScript = false;
  #crashed = false;

  constructor(region: string) {
    this.#region = region;
  }

  /** Takes the next line, without its line break. */
  take(line: string): PackerNews {
    const parsed = parsePackerLine(line);
    if (parsed === undefined) {
      // A panic reaches the output as it is. What a machine prints never does.
      this.#crashed ||= /^(?:panic: |!+ PACKER CRASH !+$)/.test(line);
      return line.trim() === '' ? {} : { text: line };
    }
    const { type, data } = parsed;
    if (type === 'artifact' && data[1] === 'id') {
      this.imageId = imageIn(this.#region, data.slice(2).join(',')) ?? this.imageId;
      return {};
    }
    if (type === 'error') this.#errors.push(data.join(',').trim());
    if (type !== 'ui') return {};
    const [kind, ...rest] = data;
    const text = rest.join(',');
    // `--> amazon-ebs: ` begins the summary at the end.
    const ofBuilder = /^(?:==>| {2,})\s*amazon-ebs:\s*/;
    const message = text.replace(ofBuilder, '').trim();
    const printed = this.#inScript && !(kind === 'say' && afterScript.test(message));
    if (kind === 'say' && !printed) this.#began(message);
    else if (ofBuilder.test(text)) this.#printed(message, kind === 'error');
    else if (kind === 'error') this.#ended(text.trim());
    const phase = kind === 'say' && !printed ? phaseOf(message) : undefined;
    const instanceId = printed ? undefined : /^Instance ID: (i-[0-9a-f]+)$/.exec(message)?.[1];
    if (phase === 'launching a machine') this.launching = true;
    if (instanceId !== undefined) this.launching = false;
    return {
      text,
      ...(phase === undefined ? {} : { phase }),
      ...(instanceId === undefined ? {} : { instanceId }),
    };
  }

  /** What the output says of a bake that failed. */
  get failure(): PackerFailure {
    return {
      crashed: this.#crashed,
      refusals: this.#refusals,
      error: this.#errors.findLast((line) => line !== '') ?? this.#builds[0],
      stateReason: this.#stateReason,
      script: this.#script,
    };
  }

  /** Takes the beginning of a step: what is printed after a script has ended is none of its output. */
  #began(message: string): void {
    const script = scriptOf(message);
    this.#script = script ?? this.#script;
    this.#inScript = script !== undefined;
  }

  /** Takes what the builder, a script of it, or the machine printed. */
  #printed(message: string, stderr: boolean): void {
    const reason = /^Instance state change details: (.*)/s.exec(message)?.[1];
    // Before the first script it is Packer that speaks.
    if (reason !== undefined && this.#script === undefined) this.#stateReason = reason;
    if (!this.#inScript) return;
    const lines = message
      .split('\n')
      .map((text) => ({ text: text.replace(/^==> amazon-ebs:\s*/, ''), stderr }));
    this.#script?.lines.push(...lines);
    this.#script?.lines.splice(0, this.#script.lines.length - keptLines);
  }

  /** Takes what Packer itself says at the end of a build, or of a pack that it does not take. */
  #ended(text: string): void {
    const why = /^Build '[^']*' errored[^:]*: (.*)/s.exec(text)?.[1];
    if (why !== undefined) this.#builds.push(why);
    else if (!/^(?:==> |--> |Cancelling )/.test(text)) this.#refusals.push(text);
  }
}

/** The script that a message of Packer's begins; undefined when it begins none. */
function scriptOf(message: string): RunScript | undefined {
  const [, where, path = ''] = /^(Provisioning with|Running local) shell script: (.*)/.exec(message) ?? [];
  if (where === undefined) return undefined;
  const made = /^packer-shell\d+$/.test(basename(path));
  return {
    name: made ? 'a script of the pack' : basename(path),
    local: where === 'Running local',
    lines: [],
  };
}

/** The phase that a message of Packer's begins; undefined when it begins none. */
function phaseOf(message: string): string | undefined {
  return phases.find(([pattern]) => pattern.test(message))?.[1];
}

/** A line of `packer -machine-readable`: `timestamp,target,type,data…`. */
export interface PackerLine {
  timestampSeconds: number;
  /** The builder that the line is of; empty: Packer as a whole. */
  target: string;
  type: string;
  data: string[];
}

/**
 * Reads one line of Packer's machine-readable output; undefined for anything else (a panic, a plugin's own print).
 * The escapes are Packer's own: https://developer.hashicorp.com/packer/docs/commands#machine-readable-output
 */
export function parsePackerLine(line: string): PackerLine | undefined {
  const match = /^(\d{1,15}),([^,]*),([^,]+),(.*)$/s.exec(line);
  if (match === null) return undefined;
  const [, timestamp = '', target = '', type = '', data = ''] = match;
  return { timestampSeconds: Number(timestamp), target, type, data: data.split(',').map(unescape) };
}

function unescape(text: string): string {
  return text.replaceAll('%!(PACKER_COMMA)', ',').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}

/** The image of an artifact's id line (`us-east-1:ami-1,eu-west-1:ami-2`) in a region. */
export function imageIn(region: string, artifactId: string): string | undefined {
  return artifactId
    .split(',')
    .map((part) => part.split(':'))
    .find(([at, id]) => at === region && /^ami-[0-9a-f]+$/.test(id ?? ''))?.[1];
}
