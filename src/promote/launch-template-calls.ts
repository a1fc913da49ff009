import type { EC2Client, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { required } from '../aws/answers.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import { sdk } from '../aws/sdk.ts';

const {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
} = sdk('@aws-sdk/client-ec2');

/** A version of a launch template. */
export interface TemplateVersion {
  /** The template's. */
  id: string;
  name: string;
  number: number;
  /** As it stands there: an id, or `resolve:ssm:NAME`. */
  imageId: string | undefined;
  /** All else that it has, as EC2 says it. */
  rest: Record<string, unknown>;
}

/** What promote asks of launch templates. */
export interface LaunchTemplateCalls {
  /** The version in service, which is the default one; undefined: there is no such template. */
  templateInService: (name: string) => Promise<TemplateVersion | undefined>;
  /** The version that was added last. */
  latestVersion: (templateId: string) => Promise<TemplateVersion>;
  /** Adds a version like another one but for its image; its number. */
  addVersion: (source: TemplateVersion, imageId: string, description: string) => Promise<number>;
  /** Puts a version into service. */
  setDefaultVersion: (templateId: string, number: number) => Promise<unknown>;
}

const call = 'ec2:DescribeLaunchTemplateVersions';
/** EC2's own words, with and without `Exception`. */
const gone = 'InvalidLaunchTemplateName.NotFound';

/** Implements {@link LaunchTemplateCalls}. */
export function launchTemplateCalls(ec2: EC2Client): LaunchTemplateCalls {
  return {
    templateInService: async (name) => {
      try {
        const { LaunchTemplateVersions: found } = await ec2.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: name, Versions: ['$Default'] }),
        );
        const [version] = required(found, call, 'the versions');
        return versionOf(required(version, call, `the default version of ${name}`));
      } catch (error) {
        if (codeOf(error).startsWith(gone)) return undefined;
        throw error;
      }
    },
    latestVersion: async (templateId) => {
      const { LaunchTemplateVersions: found } = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: templateId, Versions: ['$Latest'] }),
      );
      const [version] = required(found, call, 'the versions');
      return versionOf(required(version, call, `the latest version of ${templateId}`));
    },
    addVersion: async (source, imageId, description) => {
      const { LaunchTemplateVersion: made } = await ec2.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateId: source.id,
          SourceVersion: String(source.number),
          VersionDescription: description,
          LaunchTemplateData: { ImageId: imageId },
        }),
      );
      return required(made?.VersionNumber, 'ec2:CreateLaunchTemplateVersion', 'the number of the version');
    },
    setDefaultVersion: (templateId, number) =>
      ec2.send(
        new ModifyLaunchTemplateCommand({ LaunchTemplateId: templateId, DefaultVersion: String(number) }),
      ),
  };
}

function versionOf(version: LaunchTemplateVersion): TemplateVersion {
  const id = required(version.LaunchTemplateId, call, "a launch template's id");
  const { ImageId: imageId, ...rest } = required(
    version.LaunchTemplateData,
    call,
    `the data of a version of ${id}`,
  );
  return {
    id,
    name: version.LaunchTemplateName ?? '?',
    number: required(version.VersionNumber, call, `the number of a version of ${id}`),
    imageId,
    rest: { ...rest },
  };
}
