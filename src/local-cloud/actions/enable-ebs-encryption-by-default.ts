import { write } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';

export const enableEbsEncryptionByDefault = write({}, (_, { store }: Pick<Cloud, 'store'>) => () => {
  store.change((state) => (state.encryptsByDefault = true));
  return { ebsEncryptionByDefault: true };
});
