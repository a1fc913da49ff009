import type { OldWorld } from './explain.ts';

/** A source image as nodes.yaml names it, where EC2 is not asked which one that is. */
export const offlineSource: OldWorld['source'] = (query) => {
  if ('id' in query) return Promise.resolve({ id: query.id, name: '' });
  const { name = '', ...others } = query.filters;
  const more = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${key}=${value}`);
  return Promise.resolve({ id: `${name}:${query.owners.join(',')}${more.join('')}`, name });
};
