/** ESM under jest: TypeScript is only stripped of its types (type errors are `npm run typecheck`'s). */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/test/strip-types.js' },
  // Only a test that hangs takes so long, however busy the machine is.
  testTimeout: 120_000,
  collectCoverageFrom: ['src/**/*.ts'],
  // On two cores: some tests wait, those with machines the most, and each of these has a cloud of its own.
  maxWorkers: 3,
};
