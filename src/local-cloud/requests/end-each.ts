import { missing, type Kind } from '../api/resource-ids.ts';

interface Ended {
  readonly id: string;
  readonly before: string;
}

interface Unknown {
  readonly id: string;
  readonly malformed: boolean;
  readonly message: string;
}

/** Ends the fleets of a call. One that does not exist is told in the answer, and keeps no other from ending. */
export function endEach<S extends string>(
  fleets: Readonly<Record<string, { state: S }>>,
  ids: readonly string[],
  kind: Kind,
  ending: NoInfer<S>,
): { ended: Ended[]; unknown: Unknown[] } {
  const ended: Ended[] = [];
  const unknown: Unknown[] = [];
  for (const id of new Set(ids)) {
    const fleet = Object.hasOwn(fleets, id) ? fleets[id] : undefined;
    if (fleet === undefined) {
      const { code, message } = missing(kind, id);
      unknown.push({ id, malformed: code.endsWith('.Malformed'), message });
    } else {
      ended.push({ id, before: fleet.state });
      fleet.state = ending;
    }
  }
  return { ended, unknown };
}
