import type { State } from '../state/model.ts';
import type { Parameter, ParameterVersion } from '../state/parameter.ts';
import { parameterArn } from './answer.ts';

/** What was asked for: the version, and the selector (`:3`) that named it. */
export interface Found {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  readonly selector?: string;
}

/** Finds a parameter by its name alone. */
export function parameterOf({ parameters = {} }: State, name: string): Parameter | undefined {
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}

/** Finds what `name`, `name:version` or an ARN with or without a version means; or tells what is not there. */
export function lookUp(state: State, asked: string): Found | 'no parameter' | 'no version' {
  const inAccount = parameterArn(state, '/');
  const [, base = '', selector] = /^((?:arn:aws:ssm:[^:]*:[^:]*:)?[^:]*)(:[^:]*)?$/.exec(asked) ?? [];
  // An ARN does not tell whether the name begins with a slash: only names of one level do without it.
  const names = base.startsWith(inAccount)
    ? [base.slice(inAccount.length - 1), base.slice(inAccount.length)]
    : [base];
  const parameter = names.map((name) => parameterOf(state, name)).find((found) => found !== undefined);
  if (parameter === undefined) return 'no parameter';
  if (selector === undefined) return { parameter, version: parameter };
  const version = [...parameter.older, parameter].find((each) => `:${each.version}` === selector);
  return version === undefined ? 'no version' : { parameter, version, selector };
}
