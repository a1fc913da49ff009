import { read } from '../api/action.ts';
import type { Cloud } from '../cloud.ts';

export const getEbsEncryptionByDefault = read({}, (_, { store: { state } }: Pick<Cloud, 'store'>) => ({
  ebsEncryptionByDefault: state.encryptsByDefault === true,
}));
