import { Fault } from '../api/fault.ts';
import type { Xml } from '../api/xml.ts';
import type { Cloud } from '../cloud.ts';
import type { AutoScalingGroup, InstanceRefresh } from '../state/auto-scaling.ts';
import { activeRefresh, findGroup } from './records.ts';

/** Changes the refresh of a group that is under way. `check` may refuse. */
export function changeRefresh(
  store: Cloud['store'],
  groupName: string,
  check: (refresh: InstanceRefresh, group: AutoScalingGroup) => void,
  change: (refresh: InstanceRefresh) => void,
): () => Xml {
  const find = () => {
    const group = findGroup(store.state, groupName);
    const refresh = activeRefresh(group);
    if (refresh !== undefined) return { group, refresh };
    throw new Fault(
      'ActiveInstanceRefreshNotFound',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${groupName}`,
    );
  };
  const { group, refresh } = find();
  check(refresh, group);
  return () => {
    store.change(() => {
      change(find().refresh);
    });
    return { InstanceRefreshId: refresh.id };
  };
}
