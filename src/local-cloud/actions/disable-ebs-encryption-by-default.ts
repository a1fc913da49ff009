import { write } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';

export const disableEbsEncryptionByDefault = write({}, (_, { store }: Pick<Cloud, 'store'>) => () => {
  store.change((state) => (state.encryptsByDefault = false));
  return { ebsEncryptionByDefault: false };
});
