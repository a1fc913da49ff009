import { z } from 'zod';

const notARegion = 'is not a region such as eu-west-1';
const notAKey = "is not a KMS key: 'alias/NAME', a key's id, or an ARN of one";
const notAnAccount = 'is not the id of an AWS account: 12 digits';
const notAParameter =
  "is not the name of a parameter: '/' and parts of letters, digits and _ . -, of which the first is not aws or ssm";
const notATemplate = 'is not the name of a launch template: 3 to 125 of letters, digits and ( ) . / _ -';

const key = z
  .string(notAKey)
  .regex(
    /^(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+|alias\/[\w/-]+|(mrk-)?[0-9a-f-]{32,40})$/,
    notAKey,
  );

/** As it is written: an account is a number to YAML, and 0 may be its first digit. */
const account = z.preprocess(
  (given) => (typeof given === 'number' ? String(given) : given),
  z.string(notAnAccount).regex(/^\d{12}$/, notAnAccount),
);

/** `promote` of a node: where its verified image goes into service. */
export const promote = z.strictObject(
  {
    regions: z
      .record(
        z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, notARegion),
        z
          .strictObject(
            { kms_key: key.nullish() },
            {
              error: (issue) =>
                issue.code === 'unrecognized_keys'
                  ? 'is not a key of a region: the only one is kms_key'
                  : 'is not a mapping such as {kms_key: alias/images}, or {}',
            },
          )
          .nullable(),
        {
          error: (issue) =>
            issue.code === 'invalid_key'
              ? notARegion
              : 'is not a mapping of regions, such as {eu-west-1: {}}',
        },
      )
      .nullish(),
    accounts: z.array(account, 'is not a list of account ids').nullish(),
    // AWS keeps names that begin with aws or ssm to itself, and takes 1,011 characters with what it puts before them.
    parameter: z
      .string(notAParameter)
      .regex(/^(?!\/(aws|ssm))(\/[\w.-]+){1,15}$/i, notAParameter)
      .max(900, notAParameter)
      .nullish(),
    launch_template: z
      .string(notATemplate)
      .regex(/^[a-zA-Z0-9().\-/_]{3,125}$/, notATemplate)
      .nullish(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? 'is none of accounts, launch_template, parameter, regions'
        : 'is not a mapping such as {regions: {eu-west-1: {}}}',
  },
);
