import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Compiles the stages to JavaScript in dist/, a file for each and files of what they share, npm packages included: so an
 * agent starts a stage in a third of the time, since it loads a few files instead of hundreds, and tsx compiles in another
 * thread. Only Jenkins runs dist/; `node --import tsx src/<stage>.ts` does not need it.
 *
 * The first argument is a commit; it is noted in dist/ for jobs/install.sh. The second is another folder than dist/, for
 * tests: there the local cloud is compiled, too.
 */
const [commit = '', out = 'dist'] = process.argv.slice(2);
/** Always the same name, so that the next compilation removes what a killed one left. */
const made = `${out}.new`;

/**
 * What a file finds beside itself, it goes on to find at its old place in `made`, whichever file it became a part of. And
 * of the AWS SDK only what is named in `= sdk('…')` is compiled, which takes 0.1 s less to load than all of EC2.
 */
const sourcesOf = (folder) => ({
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
      const place = JSON.stringify(relative(resolve(folder), path).replace(/ts$/, 'js'));
      const contents = (await readFile(path, 'utf8'))
        .replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`)
        .replace(
          /^const (\{[^}]*\}) = sdk\(('[^']*')\);$/gm,
          (_, names, name) => `import ${names.replaceAll(':', ' as')} from ${name};`,
        );
      return { contents, loader: 'ts' };
    });
  },
});

/** The programs that lie in `folder` itself. */
async function compile(folder, outdir, programs) {
  await build({
    // Packages that are CommonJS ask for what is Node's, and for their own place.
    banner: {
      js: "import { createRequire as ofNode } from 'node:module'; const require = ofNode(import.meta.url);",
    },
    bundle: true,
    chunkNames: 'shared-[hash]',
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    entryPoints: programs.map((name) => join(folder, name)),
    format: 'esm',
    keepNames: true,
    logLevel: 'error',
    mainFields: ['module', 'main'],
    outdir,
    platform: 'node',
    plugins: [sourcesOf(folder)],
    splitting: true,
    target: 'node20',
  });
}

/** Programs in other languages (Ruby, shell) go beside the code that calls them, and so does what plan has the digest of. */
const isCopied = (path) => !path.endsWith('.ts') || /^src\/(puppet\/catalogs\/|lib\/hash\.ts$)/.test(path);
const isLocalCloud = (path) => /^src\/local-cloud(\/|$)/.test(path);

try {
  await rm(made, { recursive: true, force: true });
  await compile(
    'src',
    made,
    (await readdir('src')).filter((name) => name.endsWith('.ts')),
  );
  // The local cloud is for tests and for a laptop; Jenkins has no use for it.
  if (out !== 'dist')
    await compile('src/local-cloud', join(made, 'local-cloud'), [
      'clear-up.ts',
      'local-cloud.ts',
      'start.ts',
    ]);
  await cp('src', made, {
    recursive: true,
    filter: (path) => isCopied(path) && (out !== 'dist' || !isLocalCloud(path)),
  });
  await writeFile(`${made}/.commit`, `${commit}\n`);
  await rm(out, { recursive: true, force: true });
  await rename(made, out);
} finally {
  await rm(made, { recursive: true, force: true });
}
