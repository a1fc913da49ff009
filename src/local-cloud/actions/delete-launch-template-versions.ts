import { write } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import { list, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { templateOf, versionNumber } from '../templates/lookup.ts';

/** How many versions EC2 deletes in one call. */
const most = 200;

export const deleteLaunchTemplateVersions = write(
  { LaunchTemplateId: text, LaunchTemplateName: text, LaunchTemplateVersion: required(list(text)) },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const before = templateOf(store.state, given);
    if (given.LaunchTemplateVersion.length > most)
      throw invalidValue(`At most ${most} versions can be deleted in one request`);
    const numbers = [
      ...new Set(given.LaunchTemplateVersion.map((version) => versionNumber(before, version))),
    ];
    return () =>
      store.release((state) => {
        const template = find(state.launchTemplates, 'launchTemplate', before.id);
        const name = { launchTemplateId: template.id, launchTemplateName: template.name };
        const exists = (number: number) => template.versions.some((version) => version.number === number);
        const goes = numbers.filter((number) => exists(number) && number !== template.defaultVersion);
        const stays = numbers.filter((number) => !goes.includes(number));
        const failures = stays.map((number) => ({
          ...name,
          versionNumber: number,
          responseError: exists(number)
            ? { code: 'unexpectedError', message: `Version ${number} is the default version` }
            : { code: 'launchTemplateVersionDoesNotExist', message: `Version ${number} does not exist` },
        }));
        template.versions = template.versions.filter(({ number }) => !goes.includes(number));
        return {
          successfullyDeletedLaunchTemplateVersionSet: goes.map((number) => ({
            ...name,
            versionNumber: number,
          })),
          unsuccessfullyDeletedLaunchTemplateVersionSet: failures,
        };
      });
  },
);
