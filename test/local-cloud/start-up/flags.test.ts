import { describe, expect, test } from '@jest/globals';
import { readFlags } from '../../../src/local-cloud/start-up/flags.ts';

describe('the flags', () => {
  test('have defaults, of which the environment knows one better', () => {
    expect(readFlags([], {})).toEqual({
      state: '/var/lib/bakehouse',
      port: 8773,
      verbose: false,
      help: false,
      program: [],
    });
    expect(readFlags([], { BAKEHOUSE_STATE: '/srv/x' }).state).toBe('/srv/x');
    expect(readFlags(['--state', 'y'], { BAKEHOUSE_STATE: '/srv/x' }).state).toBe(`${process.cwd()}/y`);
    expect(readFlags([], { BAKEHOUSE_STATE: '' }).state).toBe('/var/lib/bakehouse');
  });

  test('end before a program, whose own flags are its own', () => {
    expect(readFlags(['--port', '0', '--', 'sh', '-c', 'x', '--', '--help'], {})).toMatchObject({
      port: 0,
      help: false,
      program: ['sh', '-c', 'x', '--', '--help'],
    });
  });

  test.each([
    [['--port', '65536'], '--port 65536 is not a port'],
    [['--port', '-1'], "Option '--port' argument is ambiguous"],
    [['--port', '80x'], '--port 80x is not a port'],
    [['--state', ''], "--state '' names no folder"],
    [['--stat', 'x'], "Unknown option '--stat'"],
    [['--port', '0', '--'], 'name a program after --'],
    [['bake'], 'a program stands after --'],
  ])('%j are wrong, which is exit code 2', (args, message) => {
    expect(() => readFlags(args, {})).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
    );
  });
});
