import { deleteParameter } from '../actions/delete-parameter.ts';
import { deleteParameters } from '../actions/delete-parameters.ts';
import { describeParameters } from '../actions/describe-parameters.ts';
import { getParameter } from '../actions/get-parameter.ts';
import { getParameterHistory } from '../actions/get-parameter-history.ts';
import { getParameters } from '../actions/get-parameters.ts';
import { getParametersByPath } from '../actions/get-parameters-by-path.ts';
import { putParameter } from '../actions/put-parameter.ts';
import type { Actions } from '../cloud.ts';

/** The actions of Systems Manager. */
export const parameterActions: Actions = {
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
  DescribeParameters: describeParameters,
  GetParameter: getParameter,
  GetParameterHistory: getParameterHistory,
  GetParameters: getParameters,
  GetParametersByPath: getParametersByPath,
  PutParameter: putParameter,
};
