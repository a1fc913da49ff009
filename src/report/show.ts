import { snapshotPrice } from '../cli/shared-flags.ts';
import { visible } from '../lib/printable.ts';

const gibMonth = Number(snapshotPrice);

/** `2026-11-28 21:21`, in UTC as all times of the page. */
export function timeText(ms: number): string {
  return isoText(ms).slice(0, 16).replace('T', ' ');
}

/** The same for programs, as the attribute `datetime` has it. */
export function isoText(ms: number): string {
  // A record that somebody edited may hold any number; a page without that time is better than none.
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'not known' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `7.4 s`, `3 min 20 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/** What snapshots of so many GiB cost a month: `$1.20`. */
export function costText(gib: number): string {
  return `$${(gib * gibMonth).toFixed(2)}`;
}

/** `1 image`, `3 images`. */
export function countText(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Text of others as HTML that shows it, what cannot be seen spelled out. Mustache calls it for each value; the templates have
 * no attributes in single quotes.
 */
export function markup(value: unknown): string {
  return visible(String(value)).replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
}

/** A number of an SVG attribute: whole ones are exact enough. */
export function place(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0;
}
