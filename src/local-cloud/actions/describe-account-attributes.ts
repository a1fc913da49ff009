import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const describeAccountAttributes = read(
  { AttributeName: list(text) },
  ({ AttributeName }, { store }: Pick<Cloud, 'store'>) => {
    const attributes: Readonly<Record<string, string>> = {
      'supported-platforms': 'VPC',
      'default-vpc': store.state.account.vpcId,
      'max-instances': '20',
      'vpc-max-security-groups-per-interface': '5',
      'max-elastic-ips': '0',
      'vpc-max-elastic-ips': '0',
    };
    const unknown = AttributeName.find((name) => !Object.hasOwn(attributes, name));
    if (unknown !== undefined)
      throw invalidValue(`Value (${unknown}) for parameter attributeName is invalid`);
    const names = AttributeName.length === 0 ? Object.keys(attributes) : AttributeName;
    return {
      accountAttributeSet: names.map((attributeName) => ({
        attributeName,
        attributeValueSet: [{ attributeValue: attributes[attributeName] }],
      })),
    };
  },
);
