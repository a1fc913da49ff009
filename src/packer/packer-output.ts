import { imageIn, parsePackerLine } from './machine-readable.ts';
import { phaseOf } from './phase.ts';

/** What one line of Packer's output adds. */
export interface PackerNews {
  /** The line as a person reads it, for packer.log; several lines when the message has them. */
  text?: string;
  phase?: string;
  /** The instance that the bake runs on, once it has an id. */
  instanceId?: string;
}

/** Where one of our own scripts, which run on the machine or for Packer, says why it ends the bake. */
const ourScript = /^.*\b(?:judge|collect|bootstrap|seal)\.sh: (?!Puppet \d|sealed)/;

/** Gathers from Packer's machine-readable output what a bake needs to know. */
export class PackerOutput {
  /** The image in the bake's region; absent as long as there is no artifact. */
  imageId: string | undefined;
  /** Packer has asked for an instance and not told its id: it may come to life after Packer's end. */
  launching = false;
  readonly errors: string[] = [];
  /** The last lines that the machine or Packer printed, newest last. */
  readonly tail: string[] = [];
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** Takes the next line, without its line break. */
  take(line: string): PackerNews {
    const parsed = parsePackerLine(line);
    if (parsed === undefined) return line.trim() === '' ? {} : this.#said(line);
    const { type, data } = parsed;
    if (type === 'artifact' && data[1] === 'id') {
      this.imageId = imageIn(this.#region, data.slice(2).join(',')) ?? this.imageId;
      return {};
    }
    if (type === 'error') this.errors.push(data.join(',').trim());
    if (type !== 'ui') return {};
    const [kind, ...rest] = data;
    const text = rest.join(',');
    const message = text.replace(/^(==>|-->)?\s*amazon-ebs:\s*/, '').trim();
    if (kind === 'error') this.errors.push(message);
    const news = this.#said(text);
    const phase = kind === 'say' ? phaseOf(message) : undefined;
    const instanceId = /^Instance ID: (i-[0-9a-f]+)$/.exec(message)?.[1];
    if (message.startsWith('Launching a source AWS instance')) this.launching = true;
    if (instanceId !== undefined) this.launching = false;
    return {
      ...news,
      ...(phase === undefined ? {} : { phase }),
      ...(instanceId === undefined ? {} : { instanceId }),
    };
  }

  /** Why Packer failed, in one line for a person. */
  get reason(): string {
    if (this.tail.some((line) => line.includes('No space left on device'))) {
      return 'a disk is full (No space left on device): see packer.log';
    }
    // judge.sh, collect.sh and seal.sh say what happened; Packer itself only that a script ended with 1.
    const ours = this.tail.findLast((line) => ourScript.test(line))?.replace(ourScript, '');
    // Not the first error line: what a machine prints to stderr is one to Packer, too.
    const ofBuild = this.errors.map((line) => /^Build '[^']*' errored[^:]*: (.*)/.exec(line)?.[1]);
    const told =
      ours ?? ofBuild.find((line) => line !== undefined) ?? this.errors.findLast((line) => line !== '');
    return told?.split('\n')[0] ?? 'Packer failed without saying why: see packer.log';
  }

  #said(text: string): PackerNews {
    this.tail.push(...text.split('\n'));
    this.tail.splice(0, this.tail.length - 200);
    return { text };
  }
}
