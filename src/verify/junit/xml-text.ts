/** Escaping does not make these legal in XML 1.0; one of them and Jenkins drops the whole file. */
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const maxAttributeLength = 1_000;

/** The text without what XML 1.0 cannot carry: control characters and halves of surrogate pairs. */
export function xmlText(text: string): string {
  return text.replace(illegal, '');
}

/** The same on one line, as readers make of an attribute anyway, and bounded: it is a heading in Jenkins. */
export function attributeText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  // Not cut between the halves of a pair: the illegal ones go last.
  return xmlText(line.length > maxAttributeLength ? `${line.slice(0, maxAttributeLength)}…` : line);
}
