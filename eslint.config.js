import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const rooms = ['stage', 'nodes', 'packer', 'puppet', 'images', 'junit', 'local'];

/** Who may import whom. A room that is not named here may import nothing of ours but itself. */
const mayImport = { images: ['nodes'], packer: ['nodes'], junit: ['puppet'] };

const zones = rooms.map((room) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...(mayImport[room] ?? [])].map((other) => `./${other}`),
  message: `src/${room} may import ${[room, ...(mayImport[room] ?? [])].join(' and ')} only (CONTRIBUTING.md).`,
}));

export default tseslint.config(
  { ignores: ['node_modules', 'reports', 'packs'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/extensions': ['.ts', '.js'] },
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            ...zones,
            {
              target: ['./src/*.ts', './test/!(local|e2e|bench)/**'],
              from: './src/local',
              message: 'No stage knows that the local cloud exists.',
            },
          ],
        },
      ],
      'import-x/no-cycle': 'error',
      'max-lines': ['error', 300],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
    },
  },
  {
    // The entrypoints: flags in, one call, exit code out.
    files: ['src/*.ts'],
    rules: { 'max-lines': ['error', 40] },
  },
);
