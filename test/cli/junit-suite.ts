import { expect } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { schemaProblems } from './junit-schema.ts';

interface Result {
  message: string;
  type?: string;
  '#text'?: string;
}

export interface Suite {
  name: string;
  tests: string;
  failures: string;
  errors: string;
  skipped: string;
  timestamp?: string;
  time: string;
  properties?: { property: { name: string; value: string }[] };
  testcase: {
    classname: string;
    name: string;
    time?: string;
    failure?: Result;
    error?: Result;
    skipped?: Result;
    'system-out'?: string;
  }[];
}

/** The one suite of a JUnit file, as another parser than ours reads it; the file is valid by Jenkins' schema. */
export function suiteOf(xml: string): Suite {
  expect(schemaProblems(xml)).toEqual([]);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    htmlEntities: true,
    trimValues: false,
    isArray: (name) => ['testcase', 'property'].includes(name),
    // Elements with children have the file's own line breaks between these.
    tagValueProcessor: (_, value, path) =>
      /(?:suites?|properties|testcase)$/.test(String(path)) ? '' : value,
  });
  return (parser.parse(xml) as { testsuites: { testsuite: Suite } }).testsuites.testsuite;
}
