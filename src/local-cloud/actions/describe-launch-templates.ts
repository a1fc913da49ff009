import { templateAnswer, templateFilters } from '../answers/launch-template.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { templateNamed } from '../templates/lookup.ts';

export const describeLaunchTemplates = read(
  {
    LaunchTemplateId: list(text),
    LaunchTemplateName: list(text),
    Filter: filterShape,
    IncludeManagedResources: flag,
    ...pageShape,
  },
  ({ LaunchTemplateId, LaunchTemplateName, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const found = select({
      action: 'DescribeLaunchTemplates',
      all: Object.values(state.launchTemplates),
      ids: [...LaunchTemplateId, ...LaunchTemplateName.map((name) => templateNamed(state, name).id)],
      filters: Filter,
      table: templateFilters,
      tags: state.tags,
      missing: (id) => missing('launchTemplate', id),
      page,
      limits: { min: 1, max: 200, usual: 200 },
    });
    return {
      launchTemplates: found.page.map((template) => templateAnswer(template, state)),
      nextToken: found.nextToken,
    };
  },
);
