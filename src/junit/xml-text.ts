/** Neither escaping nor CDATA makes these legal in XML 1.0; one of them and Jenkins drops the whole file. */
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** The text without what XML 1.0 cannot carry: control characters and halves of surrogate pairs. */
export function xmlText(text: string): string {
  return text.replace(illegal, '');
}

/**
 * The same for a CDATA section, with its end told apart by a blank: xmlbuilder escapes only the first `]]>` of a
 * text, and what follows the second would make the file unreadable.
 */
export function cdataText(text: string): string {
  return xmlText(text).replaceAll(']]>', ']] >');
}
