import tseslint from 'typescript-eslint';

/** Who may import whom: each room with those that it may look into besides itself. */
const rooms = {
  stage: [],
  nodes: [],
  puppet: [],
  packer: ['nodes'],
  images: ['nodes'],
  junit: ['puppet'],
  plan: ['nodes', 'packer', 'puppet'],
  jenkins: ['nodes', 'packer', 'plan', 'puppet'],
  doctor: ['nodes', 'packer', 'puppet', 'images'],
};

/** Required and not imported: see src/images/sdk.ts. */
const noSdk = {
  group: ['@aws-sdk/*'],
  allowTypeImports: true,
  message: 'Take it of sdk() of src/images/sdk.ts: an import takes 0.2 s longer.',
};

const restricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

/** Whatever leaves a room begins with `../`, and with `../../` in one of its folders. */
const roomRules = Object.entries(rooms).flatMap(([room, others]) =>
  ['', '/*'].map((folder) => {
    const out = folder === '' ? '^\\.\\./' : '^\\.\\./\\.\\./';
    return {
      files: [`src/${room}${folder}/*.ts`],
      rules: restricted(noSdk, {
        regex: `${out}(?!stage/printable\\.ts$${others.map((other) => `|${other}/`).join('')})`,
        message: `src/${room} may import ${['itself', ...others].join(' and ')} only: see CONTRIBUTING.md.`,
      }),
    };
  }),
);

const leaving = 'The local cloud imports nothing of the stages: see CONTRIBUTING.md.';

const localRules = [
  // The cloud has rooms of its own; what it may not do is to leave src/local.
  { files: ['src/local/*.ts'], rules: restricted({ regex: '^\\.\\./', message: leaving }) },
  { files: ['src/local/*/*.ts'], rules: restricted({ regex: '^\\.\\./\\.\\./', message: leaving }) },
  {
    files: [
      'src/*.ts',
      'src/stages/*.ts',
      'test/{stage,stages,nodes,packer,puppet,images,junit,plan,jenkins,doctor}/**/*.ts',
    ],
    rules: restricted({ regex: '/local/', message: 'No stage knows that the local cloud exists.' }),
  },
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'reports', 'packs'] },
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
  ...roomRules,
  ...localRules,
  {
    // The entrypoints, and what each connects: flags in, one call, exit code out.
    files: ['src/*.ts', 'src/stages/*.ts'],
    rules: { 'max-lines': ['error', 40] },
  },
);
