import { join } from 'node:path';

/** Where everything lies in a state folder. */
export interface Paths {
  readonly root: string;
  readonly lock: string;
  /** Held while a cloud takes the lock, or while a killed one's leftovers are cleared. */
  readonly opening: string;
  readonly state: string;
  /** One folder per layer; short names, because all of a stack must fit in one page of mount options. */
  readonly layers: string;
  /** `<volume id>/upper` and `work`. */
  readonly volumes: string;
  /** `<instance id>/root` (mounted), `drive`, `console.log`. */
  readonly machines: string;
  /** Half-made copies; emptied at each start. */
  readonly scratch: string;
  /** Bytes of S3's objects, by their SHA-256. */
  readonly objects: string;
  readonly aws: string;
  /** Names for all machines, in the form of /etc/hosts; a person's own file, read at each boot. */
  readonly hosts: string;
  /** Faults that are ordered, a person's or a test's own file; read when it has changed. */
  readonly faults: string;
  /** Each call as a line of JSON, if the file is there when the cloud starts. */
  readonly calls: string;
}

/** Names the parts of the state folder `root`, an absolute path. */
export function pathsOf(root: string): Paths {
  return {
    root,
    lock: join(root, 'lock'),
    opening: join(root, 'opening.lock'),
    state: join(root, 'state.json'),
    layers: join(root, 'layers'),
    volumes: join(root, 'volumes'),
    machines: join(root, 'machines'),
    scratch: join(root, 'scratch'),
    objects: join(root, 'objects'),
    aws: join(root, 'aws'),
    hosts: join(root, 'hosts'),
    faults: join(root, 'faults.json'),
    calls: join(root, 'calls.log'),
  };
}
