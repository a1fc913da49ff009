import type { State } from '../state/model.ts';
import { Fault } from './fault.ts';
import { find, kindOf, type Kind } from './resource-ids.ts';

/** The kind of a resource that may bear tags. Throws the Fault of an id that nothing has. */
export function taggedKind(state: State, id: string): Kind {
  const kind = kindOf(id);
  if (kind === undefined) throw new Fault('InvalidID', `The ID '${id}' is not valid`);
  const { account } = state;
  const interfaces = Object.values(state.instances).map(({ interfaceId }) => [interfaceId, true] as const);
  const tables: Readonly<Record<Kind, Readonly<Record<string, unknown>>>> = {
    image: state.images,
    snapshot: state.snapshots,
    volume: state.volumes,
    instance: state.instances,
    keyPair: state.keyPairs,
    group: state.groups,
    subnet: { [account.subnetId]: true },
    vpc: { [account.vpcId]: true },
    launchTemplate: state.launchTemplates,
    spotRequest: state.spotRequests,
    spotFleet: state.spotFleets,
    fleet: state.fleets,
    interface: Object.fromEntries(interfaces),
  };
  find(tables[kind], kind, id);
  return kind;
}
