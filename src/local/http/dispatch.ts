import { randomUUID } from 'node:crypto';
import type { Action } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { readCredential, verifySignature, type Credential, type SignedRequest } from '../api/signature.ts';
import type { Cloud } from '../cloud.ts';
import { makeQueue } from '../machines/queue.ts';
import type { AccessKey } from '../state/model.ts';
import type { Answer, Protocol } from '../protocols/protocol.ts';
import { findService, guessProtocol, protocols, refuse, type Service } from '../protocols/services.ts';
import { keepReplays } from './replays.ts';

/** Actions by the names that clients call them. */
export type Actions = Readonly<Record<string, Action<Cloud>>>;
export type Registry = Readonly<Record<Service, Actions>>;

/** What happened in one call, for whoever watches. */
export interface Call {
  /** `?` where a call was refused before that was known; so with the action. */
  readonly service: Service | '?';
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
    let service: Service | '?' = '?';
    let protocol: Protocol = guessProtocol(request);
    let name = '?';
    let code: string | undefined;
    let answer: Answer;
    try {
      const credential = readCredential(request.headers.authorization);
      service = findService(credential.service);
      protocol = protocols[service];
      const key = authenticate(request, credential, cloud.store.state.account.keys);
      const asked = protocol.read(request);
      name = asked.action;
      const action = findAction(registry, service, name);
      if (action.writes && key.profile === 'readonly') throw unauthorized(name);
      // What changes something runs alone, so that nothing changes between its checks and its deed.
      const run = () => action.run(asked.parameters, cloud);
      const result = await (action.writes ? queue.add('writes', () => replay(asked, run)) : run());
      answer = protocol.success(name, result, requestId);
    } catch (error) {
      const fault = toFault(error, name, warn);
      code = protocol.codes[fault.code]?.[0] ?? fault.code;
      answer = refuse(protocol, fault, requestId);
    }
    watch({
      service,
      action: name,
      status: answer.status,
      code,
      ms: Math.round(performance.now() - started),
    });
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
