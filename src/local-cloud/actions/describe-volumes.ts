import { volumeAnswer, volumeFilters } from '../answers/volume.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeVolumes = read(
  { VolumeId: list(text), Filter: filterShape, ...pageShape },
  ({ VolumeId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeVolumes',
      all: Object.values(state.volumes),
      ids: VolumeId,
      filters: Filter,
      table: volumeFilters(state.account),
      tags: state.tags,
      missing: (id) => missing('volume', id),
      page,
    });
    return {
      volumeSet: found.page.map((volume) => volumeAnswer(volume, state)),
      nextToken: found.nextToken,
    };
  },
);
