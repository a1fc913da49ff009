import { randomUUID } from 'node:crypto';
import type { Action } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { parseQuery, type Branch } from '../api/query.ts';
import { readCredential, verifySignature, type Credential, type SignedRequest } from '../api/signature.ts';
import type { Cloud } from '../cloud.ts';
import { makeQueue } from '../machines/queue.ts';
import type { AccessKey } from '../state/model.ts';
import { keepReplays } from './replays.ts';
import { failure, success, type Answer, type Service } from './answer.ts';

export type Registry = Readonly<Record<Service, Readonly<Record<string, Action<Cloud>>>>>;

/** What happened in one call, for whoever watches. */
export interface Call {
  readonly action: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly ms: number;
}

interface Need {
  readonly registry: Registry;
  readonly cloud: Cloud;
  readonly watch: (call: Call) => void;
  readonly warn: (line: string) => void;
}

/** Makes the function that answers requests. Whatever goes wrong is an answer: it never throws. */
export function makeDispatch({
  registry,
  cloud,
  watch,
  warn,
}: Need): (request: SignedRequest) => Promise<Answer> {
  const queue = makeQueue();
  const replay = keepReplays();
  return async (request) => {
    const requestId = randomUUID();
    const started = performance.now();
    let service: Service = 'ec2';
    let name = '?';
    let code: string | undefined;
    let answer: Answer;
    try {
      const credential = readCredential(request.headers.authorization);
      if (credential.service === 'sts') service = 'sts';
      const key = authenticate(request, credential, cloud.store.state.account.keys);
      const query = readParameters(request);
      const called = actionName(query);
      name = called;
      const action = findAction(registry, service, name);
      if (action.writes && key.profile === 'readonly') throw unauthorized(name);
      // What changes something runs alone, so that nothing changes between its checks and its deed.
      const run = () => action.run(query, cloud);
      const result = await (action.writes ? queue.add('writes', () => replay(called, query, run)) : run());
      answer = success(service, name, result, requestId);
    } catch (error) {
      const fault = toFault(error, name, warn);
      code = fault.code;
      answer = failure(service, fault, requestId);
    }
    watch({ action: name, status: answer.status, code, ms: Math.round(performance.now() - started) });
    return answer;
  };
}

function authenticate(request: SignedRequest, credential: Credential, keys: readonly AccessKey[]): AccessKey {
  const key = keys.find(({ id }) => id === credential.accessKeyId);
  if (key === undefined) {
    throw new Fault('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  }
  verifySignature(request, credential, key.secret);
  return key;
}

function readParameters({ method, url, headers, body }: SignedRequest): Branch {
  if (method === 'GET') return parseQuery(url.split('?', 2)[1] ?? '');
  if (method !== 'POST')
    throw new Fault('InvalidRequest', `The method ${method} is not one of GET and POST`, 405);
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new Fault('InvalidRequest', `The content type '${type}' is not application/x-www-form-urlencoded`);
  }
  return parseQuery(body.toString('utf8'));
}

function actionName(query: Branch): string {
  const name = query.get('Action');
  if (typeof name !== 'string' || name === '') {
    throw new Fault('MissingAction', 'The request must contain the parameter Action');
  }
  return name;
}

function findAction(registry: Registry, service: Service, name: string): Action<Cloud> {
  const actions = registry[service];
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw new Fault(
    'InvalidAction',
    `The action ${name} is not valid for this web service: the local cloud has no such action of ${service}`,
  );
}

function unauthorized(name: string): Fault {
  return new Fault(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation: the profile 'readonly' may not call ${name}`,
    403,
  );
}

function toFault(error: unknown, action: string, warn: (line: string) => void): Fault {
  if (error instanceof Fault) return error;
  warn(`${action}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new Fault(
    'InternalError',
    `An internal error has occurred; the local cloud's stderr says where`,
    500,
  );
}
