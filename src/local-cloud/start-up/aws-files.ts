import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { homeRegion } from '../region.ts';
import type { AccessKey } from '../state/model.ts';
import { replaceFileSync } from '../state/whole-file.ts';

/** What a client's environment needs to reach this cloud, and nothing but this cloud. */
export type Exports = Readonly<
  Record<'AWS_ENDPOINT_URL' | 'AWS_CONFIG_FILE' | 'AWS_SHARED_CREDENTIALS_FILE' | 'AWS_DATA_PATH', string>
>;

/** The services whose endpoint is pinned, with the version of their model in botocore. */
const models = [
  'autoscaling/2011-01-01',
  'ec2/2016-11-15',
  's3/2006-03-01',
  'ssm/2014-11-06',
  'sts/2011-06-15',
];

/** Writes the clients' configuration and keys to `folder`, and returns the variables that lead there. */
export async function writeAwsFiles(
  folder: string,
  endpoint: string,
  keys: readonly AccessKey[],
): Promise<Exports> {
  const data = join(folder, 'models');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const model of models) {
    await mkdir(join(data, model), { recursive: true });
    const rules = ruleSet(endpoint, model.startsWith('s3/') ? `${endpoint}/{Bucket}` : endpoint);
    replaceFileSync(join(data, model, 'endpoint-rule-set-1.json'), JSON.stringify(rules, null, 1), 0o644);
  }
  const config = join(folder, 'config');
  const credentials = join(folder, 'credentials');
  replaceFileSync(
    config,
    keys.map(({ profile }) => configSection(profile, endpoint, data)).join('\n'),
    0o644,
  );
  replaceFileSync(credentials, keys.map(credentialsSection).join('\n'), 0o600);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_DATA_PATH: data,
  };
}

function configSection(profile: string, endpoint: string, data: string): string {
  const name = profile === 'default' ? 'default' : `profile ${profile}`;
  return `[${name}]\nregion = ${homeRegion}\nendpoint_url = ${endpoint}\ndata_path = ${data}\n`;
}

function credentialsSection({ profile, id, secret }: AccessKey): string {
  return `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
}

/**
 * Debian's awscli (2.9) knows neither AWS_ENDPOINT_URL nor `endpoint_url`, and would go to the real AWS. Its library
 * looks for a service's rules of endpoints in AWS_DATA_PATH first: these always answer this cloud. The variable
 * must be exported: awscli sets it for itself when it is not there, and that hides the config file's `data_path`,
 * which is for boto3.
 * @param ofBucket the endpoint of a call that names a bucket: botocore leaves it to the rules where that goes
 */
function ruleSet(endpoint: string, ofBucket: string) {
  const optional = (builtIn: string, type: string) => ({ builtIn, required: false, documentation: '', type });
  return {
    version: '1.0',
    parameters: {
      Region: optional('AWS::Region', 'String'),
      UseDualStack: { ...optional('AWS::UseDualStack', 'Boolean'), required: true, default: false },
      UseFIPS: { ...optional('AWS::UseFIPS', 'Boolean'), required: true, default: false },
      Endpoint: optional('SDK::Endpoint', 'String'),
      Bucket: { required: false, documentation: '', type: 'String' },
      UseGlobalEndpoint: {
        ...optional('AWS::STS::UseGlobalEndpoint', 'Boolean'),
        required: true,
        default: false,
      },
    },
    rules: [
      {
        conditions: [{ fn: 'isSet', argv: [{ ref: 'Bucket' }] }],
        endpoint: { url: ofBucket, properties: {}, headers: {} },
        type: 'endpoint',
      },
      {
        conditions: [{ fn: 'isSet', argv: [{ ref: 'Endpoint' }] }],
        endpoint: { url: { ref: 'Endpoint' }, properties: {}, headers: {} },
        type: 'endpoint',
      },
      { conditions: [], endpoint: { url: endpoint, properties: {}, headers: {} }, type: 'endpoint' },
    ],
  };
}
