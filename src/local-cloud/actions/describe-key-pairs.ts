import { keyPairAnswer, keyPairFilters } from '../answers/key-pair.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { keyPairNamed } from '../api/key-pair-lookup.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeKeyPairs = read(
  { KeyName: list(text), KeyPairId: list(text), IncludePublicKey: flag, Filter: filterShape },
  ({ KeyName, KeyPairId, IncludePublicKey, Filter }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeKeyPairs',
      all: Object.values(state.keyPairs),
      ids: [...KeyPairId, ...KeyName.map((name) => keyPairNamed(state, name).id)],
      filters: Filter,
      table: keyPairFilters,
      tags: state.tags,
      missing: (id) => missing('keyPair', id),
    });
    return {
      keySet: found.page.map((pair) => ({
        ...keyPairAnswer(pair, state.tags[pair.id]),
        keyType: pair.type,
        createTime: new Date(pair.createdAt),
        publicKey: IncludePublicKey === true ? pair.publicKey : undefined,
      })),
    };
  },
);
