import { write } from '../api/action.ts';
import { list, required, text } from '../api/shapes.ts';
import { taggedKind } from '../api/tagged-resource.ts';
import { mergeTags, readTags, tagShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';

export const createTags = write(
  { ResourceId: required(list(text)), Tag: required(tagShape) },
  ({ ResourceId, Tag }, { store }: Pick<Cloud, 'store'>) => {
    const tags = readTags(Tag);
    for (const id of ResourceId) {
      taggedKind(store.state, id);
      mergeTags(store.state.tags[id], tags);
    }
    return () => {
      store.change((state) => {
        for (const id of ResourceId) state.tags[id] = mergeTags(state.tags[id], tags);
      });
      return { return: true };
    };
  },
);
