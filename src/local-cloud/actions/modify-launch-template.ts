import { templateAnswer } from '../answers/launch-template.ts';
import { write } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { templateOf, versionOf } from '../templates/lookup.ts';

export const modifyLaunchTemplate = write(
  { LaunchTemplateId: text, LaunchTemplateName: text, SetDefaultVersion: required(text), ClientToken: text },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const { id, ...before } = templateOf(store.state, given);
    const { number } = versionOf({ id, ...before }, given.SetDefaultVersion);
    return () =>
      store.change((state) => {
        const template = find(state.launchTemplates, 'launchTemplate', id);
        template.defaultVersion = number;
        return { launchTemplate: templateAnswer(template, state) };
      });
  },
);
