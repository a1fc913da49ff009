import { text } from 'node:stream/consumers';
import { serveApi } from '../local-cloud/api-under-test.ts';
import { type AccountSize, largeAccount } from './large-account.ts';

/**
 * `serve-account.ts SIZE NOW` (JSON, ms): serves the API over such an account, says on a line of stdout what a client
 * has to know, as JSON, and ends with its stdin. A process of its own, so that what a stage takes is measured alone.
 */
const [size = '', now = ''] = process.argv.slice(2);
const api = await serveApi(() => largeAccount(JSON.parse(size) as AccountSize, Number(now)));
const { protocol, hostname, port } = (await api.ec2.config.endpoint?.()) ?? {};
const key = api.state.account.keys.find(({ profile }) => profile === 'default');
const env = {
  AWS_ENDPOINT_URL: `${protocol}//${hostname}:${port}`,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: key?.id,
  AWS_SECRET_ACCESS_KEY: key?.secret,
};
process.stdout.write(`${JSON.stringify(env)}\n`);
await text(process.stdin);
await api.close();
