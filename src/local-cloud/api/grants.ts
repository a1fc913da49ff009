import { Fault } from './fault.ts';
import { group, list, oneOf, text } from './shapes.ts';

/** The people that a permission is given to or taken from: by the old flat parameters, or by the structure. */
export const grantsShape = group({
  Add: list(group({ UserId: text, Group: oneOf('all') })),
  Remove: list(group({ UserId: text, Group: oneOf('all') })),
});

interface Flat {
  readonly OperationType: 'add' | 'remove' | undefined;
  readonly UserId: readonly string[];
  readonly UserGroup: readonly 'all'[];
}

interface Shared {
  isPublic: boolean;
  users: string[];
}

type Grant = NonNullable<NonNullable<ReturnType<typeof grantsShape>>['Add'][number]>;

/** Returns who has the permission afterwards. */
export function grant(before: Shared, grants: ReturnType<typeof grantsShape>, flat: Flat): Shared {
  const listed: Grant[] = [
    ...flat.UserId.map((UserId) => ({ UserId, Group: undefined })),
    ...flat.UserGroup.map((Group) => ({ UserId: undefined, Group })),
  ];
  const add = [...(grants?.Add ?? []), ...(flat.OperationType === 'remove' ? [] : listed)];
  const remove = [...(grants?.Remove ?? []), ...(flat.OperationType === 'remove' ? listed : [])];
  const users = (entries: readonly Grant[]) => entries.flatMap(({ UserId }) => UserId ?? []);
  const all = (entries: readonly Grant[]) => entries.some(({ Group }) => Group === 'all');
  const removed = users(remove);
  for (const user of users(add)) checkAccount(user);
  return {
    isPublic: (before.isPublic || all(add)) && !all(remove),
    users: [...new Set([...before.users, ...users(add)])].filter((user) => !removed.includes(user)),
  };
}

/** Throws EC2's Fault where there is no such account: the one of zeros stands for all others that do not exist. */
function checkAccount(id: string): void {
  if (/^\d{12}$/.test(id) && id !== '000000000000') return;
  throw new Fault(
    'InvalidAMIAttributeItemValue',
    `Invalid attribute item value "${id}" for userId item type.`,
  );
}

/** A permission as the Describe…Attribute actions show it. */
export function grantAnswer({ isPublic, users }: Shared) {
  return [...(isPublic ? [{ group: 'all' }] : []), ...users.map((userId) => ({ userId }))];
}
