import { templateAnswer } from '../answers/launch-template.ts';
import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { givenOf, launchDataFields } from '../api/launch-data.ts';
import { group, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { checkAlias } from '../parameters/resolve-image.ts';
import { newId } from '../state/ids.ts';
import type { LaunchTemplate } from '../state/launch-model.ts';

export const createLaunchTemplate = write(
  {
    LaunchTemplateName: required(text),
    VersionDescription: text,
    LaunchTemplateData: required(group(launchDataFields)),
    ClientToken: text,
    TagSpecification: tagSpecificationShape,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const name = given.LaunchTemplateName;
    if (!/^[a-zA-Z0-9()./_-]{3,128}$/.test(name)) {
      throw new Fault(
        'InvalidLaunchTemplateName.MalformedException',
        `A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.`,
      );
    }
    if (Object.values(store.state.launchTemplates).some((other) => other.name === name)) {
      throw new Fault(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        'Launch template name already in use.',
      );
    }
    checkAlias(store.state, given.LaunchTemplateData);
    const tags = readTagSpecifications(given.TagSpecification, 'launch-template')('launch-template');
    return () => {
      const createdAt = now().toISOString();
      const template: LaunchTemplate = {
        id: newId('lt'),
        name,
        createdAt,
        defaultVersion: 1,
        lastNumber: 1,
        versions: [
          {
            number: 1,
            ...(given.VersionDescription === undefined ? {} : { description: given.VersionDescription }),
            createdAt,
            data: givenOf(given.LaunchTemplateData),
          },
        ],
      };
      store.change((state) => {
        state.launchTemplates[template.id] = template;
        putTags(state, template.id, tags);
      });
      return { launchTemplate: templateAnswer(template, store.state) };
    };
  },
);
