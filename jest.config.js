/** ESM under jest: TypeScript is only stripped by swc (type errors are `npm run typecheck`'s). */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  testTimeout: 20_000,
  // Two cores are enough for the unit tests; the end-to-end ones boot machines and want them for themselves.
  maxWorkers: 2,
};
