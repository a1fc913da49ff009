import { versionAnswer } from '../answers/launch-template.ts';
import { write } from '../api/action.ts';
import { givenOf, launchDataFields } from '../api/launch-data.ts';
import { find } from '../api/resource-ids.ts';
import { flag, group, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import type { LaunchTemplateVersion } from '../state/launch-model.ts';
import { checkAlias } from '../parameters/resolve-image.ts';
import { templateOf, versionOf } from '../templates/lookup.ts';

export const createLaunchTemplateVersion = write(
  {
    LaunchTemplateId: text,
    LaunchTemplateName: text,
    SourceVersion: text,
    VersionDescription: text,
    LaunchTemplateData: required(group(launchDataFields)),
    ResolveAlias: flag,
    ClientToken: text,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const before = templateOf(store.state, given);
    const source = given.SourceVersion === undefined ? {} : versionOf(before, given.SourceVersion).data;
    checkAlias(store.state, given.LaunchTemplateData);
    return () =>
      store.change((state) => {
        const template = find(state.launchTemplates, 'launchTemplate', before.id);
        template.lastNumber += 1;
        const version: LaunchTemplateVersion = {
          number: template.lastNumber,
          ...(given.VersionDescription === undefined ? {} : { description: given.VersionDescription }),
          createdAt: now().toISOString(),
          data: { ...source, ...givenOf(given.LaunchTemplateData) },
        };
        template.versions.push(version);
        return { launchTemplateVersion: versionAnswer({ template, version }, state, given.ResolveAlias) };
      });
  },
);
