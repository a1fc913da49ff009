import type { ListrDefaultRendererLogLevels } from 'listr2';
import { printDiagnosis } from './print.ts';
import { printable } from '../lib/printable.ts';

/** Shows how far each of several nodes is, or one piece of work that has a name in place of a node. */
export interface Progress {
  phase: (node: string, phase: string) => void;
  /** How far a long phase is: a bar on a terminal, else a line now and then. */
  portion: (node: string, phase: string, portion: Portion) => void;
  say: (node: string, line: string) => void;
  done: (node: string, good: boolean, text: string) => void;
  /** Ends the display; what is said later is lost. */
  end: () => Promise<void>;
}

/** A part of a whole, as `8 of 20` or as a percentage. */
export interface Portion {
  done: number;
  of: number;
  unit?: '%';
}

/**
 * Progress on stderr: live lines on a terminal, else a plain line for each change, with the time since the start.
 * @param live whether a person watches; see {@link watched}
 */
export async function showProgress(nodes: readonly string[], live: boolean): Promise<Progress> {
  return live ? liveProgress(nodes.map(printable)) : plainProgress(printDiagnosis, Date.now);
}

/** One piece of work that takes steps. */
export interface WorkProgress {
  portion: (phase: string, portion: Portion) => void;
  end: () => Promise<void>;
}

/** Progress of one piece of work; nothing is shown before its first portion. `name` stands in place of a node. */
export function showWork(name: string, live: boolean): WorkProgress {
  let shown: Promise<Progress> | undefined;
  return {
    portion: (phase, portion) => {
      shown ??= showProgress([name], live);
      void shown.then((progress) => {
        progress.portion(name, phase, portion);
      });
    },
    end: async () => {
      await (await shown)?.end();
    },
  };
}

/** Whether stderr is a terminal that a person watches. */
export function watched(): boolean {
  return process.stderr.isTTY && !process.env.CI;
}

/** A line for each change; `now` in ms. */
export function plainProgress(write: (line: string) => void, now: () => number): Progress {
  const start = now();
  const say = (node: string, line: string) => {
    write(`[${node}] ${humanDuration(now() - start).padStart(4)}  ${line}`);
  };
  const done = (node: string, _good: boolean, text: string) => {
    say(node, text);
  };
  const lastMs = new Map<string, number>();
  const phase = (node: string, text: string) => {
    lastMs.set(node, now());
    say(node, text);
  };
  const portion = (node: string, phase: string, part: Portion) => {
    // What ends soon says nothing.
    if (now() - (lastMs.get(node) ?? start) < quietMs) return;
    lastMs.set(node, now());
    say(node, `${phase}: ${portionText(part)}`);
  };
  return { phase, portion, say, done, end: () => Promise.resolve() };
}

/** Between two lines about a phase, where no terminal is watched. */
const quietMs = 10_000;
const barWidth = 20;

/** `8 of 20`, `43 %` */
function portionText({ done, of, unit }: Portion): string {
  return unit === '%' ? `${Math.floor((100 * done) / of)} %` : `${done} of ${of}`;
}

/** `[########------------] 8 of 20`: full only when all is done. */
export function barText(part: Portion): string {
  const share = part.of > 0 ? Math.min(1, Math.max(0, part.done / part.of)) : 1;
  const full = Math.floor(barWidth * share);
  return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${portionText(part)}`;
}

async function liveProgress(nodes: readonly string[]): Promise<Progress> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const start = Date.now();
  const shown = new Map<string, { title: string; output: string }>();
  const texts = new Map<string, string>();
  const show = (node: string) => {
    const task = shown.get(node);
    if (task !== undefined)
      task.title = `${node}: ${texts.get(node) ?? 'waiting'} (${humanDuration(Date.now() - start)})`;
  };
  const lines = nodes.map((node) => ({ node, ...ending() }));
  const list = new Listr(
    lines.map((line) => ({
      title: `${line.node}: waiting`,
      task: (_: unknown, task: { title: string; output: string }) => {
        shown.set(line.node, task);
        // What was said before the list began.
        if (texts.has(line.node)) show(line.node);
        return line.ended;
      },
      rendererOptions: { persistentOutput: true, outputBar: Infinity },
    })),
    {
      concurrent: true,
      exitOnError: false,
      // The stage handles signals itself: the bakes clean up first.
      registerSignalListeners: false,
      // On stderr: stdout carries the result only.
      rendererOptions: {
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({
          processOutput: new ProcessOutput(process.stderr),
        }),
      },
    },
  );
  const run = list.run();
  const finished = new Set<string>();
  const title = (node: string, text: string) => {
    texts.set(node, printable(text));
    show(node);
  };
  const clock = setInterval(() => {
    for (const node of texts.keys()) if (!finished.has(node)) show(node);
  }, 1_000);
  return {
    phase: title,
    portion: (node, phase, part) => {
      title(node, `${phase} ${barText(part)}`);
    },
    say: (node, line) => {
      const task = shown.get(node);
      if (task !== undefined) task.output = printable(line);
    },
    done: (node, good, text) => {
      title(node, text);
      finished.add(node);
      lines.find((line) => line.node === node)?.finish(good);
    },
    end: async () => {
      clearInterval(clock);
      for (const line of lines) line.finish(true);
      await run;
    },
  };
}

/** A promise that listr2 shows as a tick or a cross once `finish` is called. */
function ending(): { ended: Promise<void>; finish: (good: boolean) => void } {
  let finish: (good: boolean) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    finish = (good) => {
      if (good) resolve();
      else reject(new Error());
    };
  });
  return { ended, finish };
}

/** `7 s`, `1 min 05 s`, `2 h 03 min`: a time span as a person reads it. */
export function humanDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const pad = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
}
