import { write } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { ownImage } from '../api/image-names.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

const minuteMs = 60_000;
const maxYears = 10;

export const enableImageDeprecation = write(
  { ImageId: required(text), DeprecateAt: required(text) },
  ({ ImageId, DeprecateAt }, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { id } = ownImage(store.state, ImageId);
    // As on EC2: to the nearest minute.
    const at = new Date(Math.round(Date.parse(DeprecateAt) / minuteMs) * minuteMs);
    const latest = new Date(now());
    latest.setUTCFullYear(latest.getUTCFullYear() + maxYears);
    if (!(at > now() && at <= latest)) {
      throw invalidValue(
        `Value (${DeprecateAt}) for parameter DeprecateAt is invalid. It must be a time in the next ${maxYears} years`,
      );
    }
    return () => {
      store.change((state) => {
        ownImage(state, id).deprecatedAt = at.toISOString();
      });
      return { return: true };
    };
  },
);
