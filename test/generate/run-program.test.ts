import { expect, test } from '@jest/globals';
import { runProgram } from '../../src/generate/run-program.ts';

test('answers how a program ended and both that it said; there is nothing for it to read', async () => {
  const script = 'cat; echo "$WORD"; echo "$HOME" >&2; exit 3';
  expect(await runProgram('sh', ['-c', script], { WORD: 'said' })).toEqual({
    exitCode: 3,
    stdout: 'said\n',
    stderr: `${process.env.HOME ?? ''}\n`,
  });
  expect(await runProgram('true', [])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('tells a program that is not there from one that had to be ended', async () => {
  expect(await runProgram('no-such-program', [])).toMatchObject({ exitCode: 'missing' });
  const { exitCode } = await runProgram('sleep', ['600'], {}, 20);
  expect(exitCode).toBeUndefined();
});
