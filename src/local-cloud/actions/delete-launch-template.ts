import { templateAnswer } from '../answers/launch-template.ts';
import { write } from '../api/action.ts';
import { text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { templateOf } from '../templates/lookup.ts';

export const deleteLaunchTemplate = write(
  { LaunchTemplateId: text, LaunchTemplateName: text },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const template = templateOf(store.state, given);
    return () =>
      store.release((state) => {
        const launchTemplate = templateAnswer(template, state);
        Reflect.deleteProperty(state.launchTemplates, template.id);
        Reflect.deleteProperty(state.tags, template.id);
        return { launchTemplate };
      });
  },
);
