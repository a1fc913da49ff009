import { readFileSync } from 'node:fs';
import { Fault } from '../api/fault.ts';
import { forEachRegion, homeRegion, type Region, regions } from '../region.ts';
import { isErrno } from './errno.ts';
import { newRegion } from './first-account.ts';
import { noLaunchRecords } from './launch-model.ts';
import type { State } from './model.ts';
import { keepReserve } from './reserve.ts';
import { replaceFileSync } from './whole-file.ts';

/** The remembered state of a region and the only ways to change it. */
export interface Store {
  readonly state: State;
  /** Changes and writes it down before returning; when that fails nothing has changed. Throws a Fault on a full disk. */
  readonly change: <T>(edit: (state: State) => T) => T;
  /** The same for what frees space: it must not fail for want of some, and spends a reserve then. */
  readonly release: <T>(edit: (state: State) => T) => T;
  /** Takes note of what has happened anyway (a machine stopped): true even when it cannot be written down now. */
  readonly note: (edit: (state: State) => void) => void;
}

/** Of each region; all are in one file. */
export type Stores = Readonly<Record<Region, Store>>;

/** The first region, and the others in it: an earlier version had none. */
interface Written extends State {
  readonly regions?: Partial<Record<Region, State>>;
}

/** Opens the state in `file`, or begins with what `first` returns for the first region. */
export function openStores(file: string, first: () => State, warn: (line: string) => void): Stores {
  const states = statesOf(readState(file) ?? first());
  const reserve = keepReserve(`${file}.reserve`);
  let written = '';
  // Of a great state this text is half a change's time, so it is made once. Notes that could not be written are in it.
  let known = '';
  const save = () => {
    const { [homeRegion]: home, ...others } = states;
    const text = `${JSON.stringify({ ...home, regions: others } satisfies Written, null, 1)}\n`;
    known = text;
    if (text === written) return;
    replaceFileSync(file, text, 0o600);
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
    (state: State, write: () => void) =>
    <T>(edit: (state: State) => T): T => {
      const before = known;
      try {
        const result = edit(state);
        write();
        return result;
      } catch (error) {
        const earlier = statesOf(JSON.parse(before) as Written);
        for (const region of regions) putBack(states[region], earlier[region]);
        known = before;
        throw isFull(error) ? diskFault(file) : error;
      }
    };
  save();
  reserve.refill();
  return forEachRegion((region) => ({
    state: states[region],
    change: (edit) => {
      const result = changeWith(states[region], save)(edit);
      reserve.refill();
      return result;
    },
    release: changeWith(states[region], saveOnReserve),
    note: (edit) => {
      edit(states[region]);
      try {
        save();
      } catch (error) {
        warn(isFull(error) ? diskFault(file).message : `cannot write ${file}: ${String(error)}`);
      }
    },
  }));
}

function statesOf({ regions: others = {}, ...written }: Written): Readonly<Record<Region, State>> {
  const home: State = {
    ...noLaunchRecords(),
    ...written,
    account: { ...written.account, region: homeRegion },
  };
  return forEachRegion((region) => {
    if (region === homeRegion) return home;
    const known = others[region];
    if (known === undefined) return newRegion(home.account, region);
    // Its VPC is its own. The rest of the account is the same everywhere.
    const { vpcId, subnetId } = known.account;
    return { ...noLaunchRecords(), ...known, account: { ...home.account, region, vpcId, subnetId } };
  });
}

/** The object stays, whoever has it; kinds of records that there were none of before go too. */
function putBack(state: State, earlier: State): void {
  for (const name of Object.keys(state)) Reflect.deleteProperty(state, name);
  Object.assign(state, earlier);
}

function readState(file: string): Written | undefined {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(content);
  if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === 1)
    return value as Written;
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
