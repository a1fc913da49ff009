import { Fault } from '../api/fault.ts';
import type { Image } from '../state/model.ts';

const cooldownMs = 24 * 60 * 60_000;

/** An image's protection from deregistration as DescribeImages shows it. */
export function protectionAnswer({ protection }: Image): string {
  if (protection?.enabled === true)
    return protection.cooldown ? 'enabled-with-cooldown' : 'enabled-without-cooldown';
  return protection?.disabledAt === undefined
    ? 'disabled'
    : `disabled after ${cooledAt(protection.disabledAt)}`;
}

/** Throws the Fault of an image that may not be deregistered now. */
export function refuseProtected({ id, protection }: Image, now: Date): void {
  if (protection?.enabled === true) {
    throw new Fault(
      'OperationNotPermitted',
      `The image ${id} is protected from deregistration. Disable its deregistration protection and try again.`,
    );
  }
  if (protection?.disabledAt !== undefined && now.toISOString() < cooledAt(protection.disabledAt)) {
    throw new Fault(
      'OperationNotPermitted',
      `The image ${id} is protected from deregistration until ${cooledAt(protection.disabledAt)}, when the cooldown period of its protection ends.`,
    );
  }
}

/** Takes a protection away: one with a cooldown goes on for a day. */
export function unprotect(image: Image, now: Date): void {
  if (image.protection?.enabled !== true) return;
  const { cooldown } = image.protection;
  image.protection = { enabled: false, cooldown, ...(cooldown ? { disabledAt: now.toISOString() } : {}) };
}

function cooledAt(disabledAt: string): string {
  return new Date(Date.parse(disabledAt) + cooldownMs).toISOString();
}
