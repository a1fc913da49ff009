import { read } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';

export const getCallerIdentity = read({}, (_, { store }: Pick<Cloud, 'store'>) => {
  const { id } = store.state.account;
  return { Arn: `arn:aws:iam::${id}:root`, UserId: id, Account: id };
});
