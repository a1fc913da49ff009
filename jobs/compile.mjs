import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * src/ as JavaScript in dist/, file by file, so that an agent starts a stage in a third of the time: tsx turns each
 * file over to another thread. Nothing else runs from dist/; `npx tsx src/<stage>.ts` needs none of this.
 *
 * The argument, a commit, is noted there for jobs/install.sh.
 */
const [commit = ''] = process.argv.slice(2);
/** One name for all, so that what a compilation that was killed has left is not left for ever. */
const made = 'dist.new';

/** Each file stays one, and asks for its neighbours by their new names; packages stay where they are. */
const fileByFile = {
  name: 'file-by-file',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { external: true, path: path.replace(/\.ts$/, '.js') },
    );
  },
};

/** The local cloud is for tests and for a laptop. */
const isStages = (path) => !/^src\/local(\/|$)/.test(path);

try {
  await rm(made, { recursive: true, force: true });
  const files = (await readdir('src', { recursive: true })).map((name) => join('src', name));
  await build({
    bundle: true,
    entryPoints: files.filter((path) => isStages(path) && path.endsWith('.ts')),
    format: 'esm',
    logLevel: 'error',
    outbase: 'src',
    outdir: made,
    packages: 'external',
    platform: 'node',
    plugins: [fileByFile],
    target: 'node20',
  });
  // The programs of other languages that lie beside those that call them.
  await cp('src', made, { recursive: true, filter: (path) => isStages(path) && !path.endsWith('.ts') });
  await writeFile(`${made}/.commit`, `${commit}\n`);
  await rm('dist', { recursive: true, force: true });
  await rename(made, 'dist');
} finally {
  await rm(made, { recursive: true, force: true });
}
