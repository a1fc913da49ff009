import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { Fault } from '../api/fault.ts';
import type { State } from './model.ts';

/** The remembered state and the only two ways to change it. */
export interface Store {
  readonly state: State;
  /** Changes and writes it down before returning; when that fails nothing has changed. Throws a Fault on a full disk. */
  readonly change: <T>(edit: (state: State) => T) => T;
  /** Takes note of what has happened anyway (a machine stopped): true even when it cannot be written down now. */
  readonly note: (edit: (state: State) => void) => void;
}

/** Opens the state in `file`, or begins with what `first` returns. */
export function openStore(file: string, first: () => State, warn: (line: string) => void): Store {
  const state = readState(file) ?? first();
  let written = '';
  const save = () => {
    const text = `${JSON.stringify(state, null, 1)}\n`;
    if (text === written) return;
    // Renamed into place after an fsync: a reader, or a next start, finds the old state or the new one.
    writeFileAtomic.sync(file, text, { mode: 0o600 });
    written = text;
  };
  save();
  return {
    state,
    change: (edit) => {
      // Not what is on the disk: a note may have been taken since that could not be written down.
      const before = JSON.stringify(state);
      try {
        const result = edit(state);
        save();
        return result;
      } catch (error) {
        Object.assign(state, JSON.parse(before));
        throw diskFault(error, file);
      }
    },
    note: (edit) => {
      edit(state);
      try {
        save();
      } catch (error) {
        warn(`cannot write ${file}: ${diskFault(error, file).message}`);
      }
    },
  };
}

function readState(file: string): State | undefined {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(content);
  if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === 1) return value as State;
  throw new Error(`${file} was written by another version of the local cloud; give another --state folder`);
}

function diskFault(error: unknown, file: string): Fault {
  if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) {
    return new Fault(
      'InsufficientVolumeCapacity',
      `The local cloud cannot write ${file}: the disk is full. Nothing was changed; free some space and call again.`,
    );
  }
  throw error;
}

/** Says whether `error` is the system's error of that name. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
