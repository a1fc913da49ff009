/** ESM under jest: TypeScript is only stripped of its types (type errors are `npm run typecheck`'s). */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  testTimeout: 20_000,
  // Two cores are enough for the unit tests; the end-to-end ones boot machines and want them for themselves.
  maxWorkers: 2,
};
