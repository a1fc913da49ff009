import { write } from '../api/action.ts';
import { group, list, rawText, required, text } from '../api/shapes.ts';
import { taggedKind } from '../api/tagged-resource.ts';
import type { Cloud } from '../cloud.ts';

export const deleteTags = write(
  { ResourceId: required(list(text)), Tag: list(group({ Key: required(text), Value: rawText })) },
  ({ ResourceId, Tag }, { store }: Pick<Cloud, 'store'>) => {
    for (const id of ResourceId) taggedKind(store.state, id);
    // A value given is a condition, the empty one too; without any tag all go.
    const goes = (key: string, value: string) =>
      Tag.length === 0 ||
      Tag.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
    return () => {
      store.change((state) => {
        for (const id of ResourceId) {
          const kept = Object.entries(state.tags[id] ?? {}).filter(([key, value]) => !goes(key, value));
          if (kept.length > 0) state.tags[id] = Object.fromEntries(kept);
          else Reflect.deleteProperty(state.tags, id);
        }
      });
      return { return: true };
    };
  },
);
