import { snapshotAnswer, snapshotFilters } from '../answers/snapshot.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeSnapshots = read(
  {
    SnapshotId: list(text),
    Owner: list(text),
    RestorableBy: list(text),
    Filter: filterShape,
    ...pageShape,
  },
  ({ SnapshotId, Owner, RestorableBy, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const self = state.account.id;
    const owners = Owner.map((owner) => (owner === 'self' ? self : owner));
    const users = RestorableBy.map((user) => (user === 'self' ? self : user));
    const found = select({
      action: 'DescribeSnapshots',
      all: Object.values(state.snapshots),
      ids: SnapshotId,
      filters: Filter,
      table: snapshotFilters,
      tags: state.tags,
      missing: (id) => missing('snapshot', id),
      shown: ({ ownerId, isPublic, users: shared }) =>
        (owners.length === 0 || owners.includes(ownerId)) &&
        (users.length === 0 ||
          users.some((user) => (user === 'all' ? isPublic : user === ownerId || shared.includes(user)))),
      page,
    });
    return {
      snapshotSet: found.page.map((snapshot) => snapshotAnswer(snapshot, state.tags)),
      nextToken: found.nextToken,
    };
  },
);
