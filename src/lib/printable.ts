/**
 * What a terminal or a log would act upon instead of showing it: controls (ESC, newlines), marks that turn the direction of
 * writing, line separators, halves of surrogate pairs, and what takes no room at all. U+FE0F only makes a sign an emoji.
 */
const unprintable = /(?!\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Colours, which many programs print unasked: they say nothing in our output. */
const colour = /\u001b\[[\d;:]*m/g;

/** Text of others with what cannot be seen spelled out: `\u001b`. Tabs and line breaks stay. */
export function visible(text: string): string {
  return text.replace(unprintable, (one) => {
    if (one === '\n' || one === '\t') return one;
    return one === '\r' ? '\\r' : unicodeEscape(one);
  });
}

/** Text of others (Puppet, Packer, EC2, a user's parameters) as one line that is safe to print. */
export function printable(text: string): string {
  return visible(text.replace(colour, '').replace(/\s*[\r\n]\s*|\t/g, ' '));
}

/** The same for text whose line breaks are meant. */
export function printableLines(text: string): string[] {
  return text.replaceAll('\r\n', '\n').split('\n').map(printable);
}

/** A value as JSON that is as safe to print: the same value, since JSON knows these escapes. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unprintable, (one) =>
    one === '\n' ? one : unicodeEscape(one),
  );
}

/** Text as a line of a description in Jenkins, which may show HTML: without a sign that begins a tag. */
export function printableMarkup(text: string): string {
  // Not `&lt;`: Jenkins' default formatter shows plain text, where that would be read as it stands.
  return printable(text).replaceAll('<', '‹').replaceAll('>', '›');
}

/** At most so many characters, the middle left out: a message often ends with its cause. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 3) / 2);
  return `${text.slice(0, head)} … ${text.slice(text.length - (length - 3 - head))}`.toWellFormed();
}

/** Of characters beyond U+FFFF both halves, as JSON writes them. */
function unicodeEscape(one: string): string {
  return one.split('').reduce((all, half) => {
    return `${all}\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }, '');
}

/** A duration in the largest unit that makes it a whole number: `90 min`, `2 h`, `1 s`. */
export function durationText(ms: number): string {
  const units = { h: 3_600_000, min: 60_000 };
  const [unit = 's', size = 1000] = Object.entries(units).find(([, each]) => ms % each === 0) ?? [];
  return `${ms / size} ${unit}`;
}

const minuteMs = 60_000;

/** An age: `30 d`, `5 h`, `3 min`: whole ones, rounded down. */
export function ageText(ms: number): string {
  // A clock that is off by seconds makes no age negative.
  const minutes = Math.max(0, Math.floor(ms / minuteMs));
  if (minutes >= 48 * 60) return `${Math.floor(minutes / (24 * 60))} d`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h` : `${minutes} min`;
}
