import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { Fault } from '../api/fault.ts';
import { isErrno } from './errno.ts';
import { noLaunchRecords } from './launch-model.ts';
import type { State } from './model.ts';
import { keepReserve } from './reserve.ts';

/** The remembered state and the only ways to change it. */
export interface Store {
  readonly state: State;
  /** Changes and writes it down before returning; when that fails nothing has changed. Throws a Fault on a full disk. */
  readonly change: <T>(edit: (state: State) => T) => T;
  /** The same for what frees space: it must not fail for want of some, and spends a reserve then. */
  readonly release: <T>(edit: (state: State) => T) => T;
  /** Takes note of what has happened anyway (a machine stopped): true even when it cannot be written down now. */
  readonly note: (edit: (state: State) => void) => void;
}

/** Opens the state in `file`, or begins with what `first` returns. */
export function openStore(file: string, first: () => State, warn: (line: string) => void): Store {
  const state = readState(file) ?? first();
  const reserve = keepReserve(`${file}.reserve`);
  let written = '';
  // Of a great state this text is half a change's time, so it is made once. Notes that could not be written are in it.
  let known = '';
  const save = () => {
    const text = `${JSON.stringify(state, null, 1)}\n`;
    known = text;
    if (text === written) return;
    // Renamed into place after an fsync: a reader, or a next start, finds the old state or the new one.
    writeFileAtomic.sync(file, text, { mode: 0o600 });
    written = text;
  };
  const saveOnReserve = () => {
    try {
      save();
    } catch (error) {
      if (!isFull(error)) throw error;
      reserve.spend();
      save();
    }
  };
  const changeWith =
    (write: () => void) =>
    <T>(edit: (state: State) => T): T => {
      const before = known;
      try {
        const result = edit(state);
        write();
        return result;
      } catch (error) {
        // Kinds of records that the file had none of before go too.
        for (const name of Object.keys(state)) Reflect.deleteProperty(state, name);
        Object.assign(state, JSON.parse(before));
        known = before;
        throw isFull(error) ? diskFault(file) : error;
      }
    };
  save();
  reserve.refill();
  return {
    state,
    change: (edit) => {
      const result = changeWith(save)(edit);
      reserve.refill();
      return result;
    },
    release: changeWith(saveOnReserve),
    note: (edit) => {
      edit(state);
      try {
        save();
      } catch (error) {
        warn(isFull(error) ? diskFault(file).message : `cannot write ${file}: ${String(error)}`);
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
  if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === 1)
    return { ...noLaunchRecords(), ...(value as State) };
  throw new Error(`${file} was written by another version of the local cloud; give another --state folder`);
}

function diskFault(file: string): Fault {
  return new Fault(
    'InsufficientVolumeCapacity',
    `The local cloud cannot write ${file}: the disk is full. Nothing was changed; free some space and call again.`,
  );
}

function isFull(error: unknown): boolean {
  return isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT');
}
