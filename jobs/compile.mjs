import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Compiles src/ to JavaScript in dist/, file by file: so an agent starts a stage in a third of the time, since tsx compiles in
 * another thread. Only Jenkins runs dist/; `node --import tsx src/<stage>.ts` does not need it.
 *
 * The first argument is a commit; it is noted in dist/ for jobs/install.sh. The second is another folder than dist/, for
 * tests: there the local cloud is compiled, too.
 */
const [commit = '', out = 'dist'] = process.argv.slice(2);
/** Always the same name, so that the next compilation removes what a killed one left. */
const made = `${out}.new`;

/** execa is a hundred files, which take 0.12 s to load; as one, 0.035 s. */
const runner = 'execa.js';

/** Imports of our files get the ending .js; packages stay where they are, but for execa. */
const fileByFile = {
  name: 'file-by-file',
  setup({ onResolve }) {
    onResolve({ filter: /^execa$/ }, ({ importer }) => ({
      external: true,
      path: `./${relative(dirname(importer), resolve('src', runner))}`,
    }));
    onResolve({ filter: /^\.{1,2}\// }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { external: true, path: path.replace(/\.ts$/, '.js') },
    );
  },
};

/** The local cloud is for tests and for a laptop; Jenkins has no use for it. */
const isWanted = (path) => out !== 'dist' || !/^src\/local-cloud(\/|$)/.test(path);

try {
  await rm(made, { recursive: true, force: true });
  const files = (await readdir('src', { recursive: true })).map((name) => join('src', name));
  await build({
    bundle: true,
    entryPoints: files.filter((path) => isWanted(path) && path.endsWith('.ts')),
    format: 'esm',
    logLevel: 'error',
    outbase: 'src',
    outdir: made,
    packages: 'external',
    platform: 'node',
    plugins: [fileByFile],
    target: 'node20',
  });
  await build({
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    bundle: true,
    entryPoints: ['execa'],
    format: 'esm',
    logLevel: 'error',
    outfile: join(made, runner),
    platform: 'node',
    target: 'node20',
  });
  // Programs in other languages (Ruby, shell) beside the code that calls them.
  await cp('src', made, { recursive: true, filter: (path) => isWanted(path) && !path.endsWith('.ts') });
  await writeFile(`${made}/.commit`, `${commit}\n`);
  await rm(out, { recursive: true, force: true });
  await rename(made, out);
} finally {
  await rm(made, { recursive: true, force: true });
}
