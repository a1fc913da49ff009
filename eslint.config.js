import tseslint from 'typescript-eslint';

const shared = ['aws', 'cli', 'contents', 'leftovers', 'lib', 'nodes', 'puppet', 'references'];

/** Who may import whom: each folder of src/ with the folders and single files that it may import besides itself. */
const imports = {
  lib: [],
  nodes: ['lib'],
  cli: ['lib'],
  puppet: ['lib'],
  aws: ['lib'],
  references: ['aws', 'lib', 'nodes'],
  leftovers: ['aws', 'lib', 'nodes', 'references'],
  contents: ['aws', 'cli', 'lib', 'nodes'],
  // What the page and status show: it reads the records of all stages.
  overview: [
    ...shared,
    'plan/plan-file.ts',
    'build/bake-record.ts',
    'verify/verify-record.ts',
    'promote/promote-record.ts',
  ],
  report: [...shared, 'overview'],
  status: [...shared, 'overview'],
  // A stage imports what stages share, and of another stage the module of the file that it reads.
  // plan, build and doctor judge the pack that generate renders, by generate's own code.
  plan: [...shared, 'generate'],
  generate: [...shared, 'plan/plan-file.ts'],
  build: [...shared, 'generate', 'plan/plan-file.ts', 'plan/digest.ts'],
  verify: [...shared, 'plan/plan-file.ts', 'build/bake-record.ts'],
  promote: [...shared, 'plan/plan-file.ts', 'verify/verify-record.ts'],
  cleanup: shared,
  deploy: ['cli', 'lib', 'nodes'],
  jenkins: [
    ...shared,
    'plan/plan-file.ts',
    'plan/reason-text.ts',
    'build/bake-record.ts',
    'verify/verify-record.ts',
    'promote/promote-record.ts',
  ],
  doctor: [...shared, 'generate'],
  init: shared,
  upgrade: [...shared, 'init'],
};

/** Required and not imported: see src/aws/sdk.ts. */
const noSdk = {
  group: ['@aws-sdk/*'],
  allowTypeImports: true,
  message: 'Take it of sdk() of src/aws/sdk.ts: an import takes 0.2 s longer.',
};

const oneSeed = { regex: '^fast-check$', message: 'Take fc of test/runs.ts: a run has one seed.' };

const restricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

/** Whatever leaves a folder of src/ begins with `../`, and with `../../` in one of its folders. */
const importRules = Object.entries(imports).flatMap(([folder, others]) =>
  ['', '/*'].map((inner) => {
    const out = inner === '' ? '^\\.\\./' : '^\\.\\./\\.\\./';
    const allowed = others.map((other) =>
      other.endsWith('.ts') ? `${other.replaceAll('.', '\\.')}$` : `${other}/`,
    );
    return {
      files: [`src/${folder}${inner}/*.ts`],
      rules: restricted(
        noSdk,
        // The type of its entrypoint's flags, so that a new flag touches the entrypoint and the stage only.
        { regex: `${out}${folder}\\.ts$`, allowTypeImports: true },
        {
          regex: `${out}(?!${[...allowed, `${folder}\\.ts$`].join('|')})`,
          message: `src/${folder} may import ${['itself', ...others].join(', ')} only: see CONTRIBUTING.md.`,
        },
      ),
    };
  }),
);

const leaving = 'The local cloud imports nothing of the stages: see CONTRIBUTING.md.';

const localCloudRules = [
  { files: ['test/**/*.ts'], ignores: ['test/runs.ts'], rules: restricted(oneSeed) },
  { files: ['src/local-cloud/*.ts'], rules: restricted({ regex: '^\\.\\./', message: leaving }) },
  { files: ['src/local-cloud/*/*.ts'], rules: restricted({ regex: '^\\.\\./\\.\\./', message: leaving }) },
  {
    files: ['src/*.ts', `test/{${Object.keys(imports).join(',')}}/**/*.ts`],
    rules: restricted(oneSeed, {
      regex: '/local-cloud/',
      message: 'No stage knows that the local cloud exists.',
    }),
  },
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'dist.*', 'reports', 'packs'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', 300],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
    },
  },
  ...importRules,
  ...localCloudRules,
  {
    // The entrypoints: their flags, a lazy import, one call.
    files: ['src/*.ts'],
    rules: { 'max-lines': ['error', 150] },
  },
);
