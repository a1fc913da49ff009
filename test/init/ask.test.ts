import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { stageArguments, temporaryFolder } from '../cli/stage-process.ts';
import { filesOf, initIn, writeFile } from './repository.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const write = (path: string, text: string) => {
  writeFile(folder.path, path, text);
};
const read = (path: string) => readFileSync(join(folder.path, path), 'utf8');

describe('init asks for each file', () => {
  test('and writes those that a person agrees to; show shows the whole file', async () => {
    const answers = ['', 'n', 's', 'y', 'q'];
    const result = await initIn(folder.path, {}, { answers });
    expect(answers).toEqual([]);
    expect(Object.values(result.decisions).slice(0, 4)).toEqual(['written', 'not written', 'written', 'not written']); // prettier-ignore
    expect(Object.keys(filesOf(folder.path))).toHaveLength(2);
    expect(result.said.join('\n')).toMatch(/Write nodes.yaml\?/);
    expect(result.exitCode).toBe(0);
  });

  test('all writes the rest without a question; the end of the input ends it', async () => {
    expect(new Set(Object.values((await initIn(folder.path, {}, { answers: ['a'] })).decisions))).toEqual(new Set(['written'])); // prettier-ignore
    rmSync(join(folder.path, 'jobs'), { recursive: true });
    const ended = await initIn(folder.path, {}, { answers: [undefined] });
    expect(JSON.stringify(ended.json)).toContain('"decision":"not written","reason":"there was no answer"');
    expect(existsSync(join(folder.path, 'jobs'))).toBe(false);
  });

  test('without a terminal and without --yes nothing is written, with exit code 2', async () => {
    const result = await initIn(folder.path, {});
    expect(result.exitCode).toBe(2);
    expect(result.said).toEqual([expect.stringContaining('give --yes')]);
    expect(filesOf(folder.path)).toEqual({});
    await initIn(folder.path);
    expect(await initIn(folder.path, {})).toMatchObject({ exitCode: 0, said: [] });
  });

  test('a file that appears before the answer is not overwritten', async () => {
    const answers = ['y'];
    Object.defineProperty(answers, 'shift', {
      value: () => {
        write('nodes.yaml', 'mine: {group: g}\n');
        return 'y';
      },
    });
    const result = await initIn(folder.path, {}, { answers });
    expect(result.decisions['nodes.yaml']).toBe('kept');
    expect(read('nodes.yaml')).toBe('mine: {group: g}\n');
  });
});

describe('on a terminal', () => {
  /** Runs init on a terminal (util-linux' script), and types each text once the terminal shows what it answers. */
  async function onTerminal(answers: [shown: string, typed: string][]) {
    const command = [process.execPath, ...stageArguments('init')].map((word) => `'${word}'`).join(' ');
    const child = execa('script', ['-qec', `${command} --skip jobs`, '/dev/null'], {
      cwd: folder.path,
      reject: false,
    });
    let shown = '';
    child.stdout.on('data', (part: Buffer) => {
      shown += part.toString();
      const [next] = answers;
      if (next === undefined || !shown.includes(next[0])) return;
      shown = '';
      answers.shift();
      child.stdin.write(next[1]);
    });
    return child;
  }

  test('an answer writes a file, and Ctrl-C ends init with what was written whole', async () => {
    const end = await onTerminal([
      ['Write nodes.yaml?', 'y\n'],
      ['?', '\u0003'],
    ]);
    expect(end.exitCode).toBe(130);
    expect(end.stdout).toContain('init goes on from there');
    expect(Object.keys(filesOf(folder.path))).toEqual(['nodes.yaml']);
  });
});
