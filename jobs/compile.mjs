import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Compiles the programs to JavaScript in dist/, a file for each and files of what they share, npm packages included. So the
 * package needs no other one, and an agent starts a stage in a third of the time: it loads a few files instead of hundreds,
 * and tsx does not compile. `node --import tsx src/<stage>.ts` does not need dist/.
 *
 * The first argument is a commit; it is noted in dist/ for jobs/install.sh. The second is another folder than dist/, for tests.
 */
const [commit = '', out = 'dist'] = process.argv.slice(2);
/** Always the same name, so that the next compilation removes what a killed one left. */
const made = `${out}.new`;

/**
 * What a file finds beside itself, it goes on to find at its old place in `made`, whichever file it became a part of. Of the
 * AWS SDK only what is named in `= sdk('…')` is compiled, which takes 0.1 s less to load than all of EC2.
 */
const sourcesOf = (folder) => ({
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
      const place = JSON.stringify(relative(resolve(folder), path).replace(/ts$/, 'js'));
      const contents = (await readFile(path, 'utf8'))
        // As Node finds it for require, which is another file than for import.
        .replace(/createRequire\(import\.meta\.url\)\('([^']*)'\)/g, (_, name) => {
          return `require(${JSON.stringify(createRequire(path).resolve(name))})`;
        })
        .replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`)
        .replace(
          /^const (\{[^}]*\}) =\s+sdk\(('[^']*')\);$/gm,
          (_, names, name) => `import ${names.replaceAll(':', ' as')} from ${name};`,
        );
      if (contents.includes("sdk('"))
        throw new Error(`${path}: sdk() must be called as const {…} = sdk('…');`);
      return { contents, loader: 'ts' };
    });
  },
});

/** The programs that lie in `folder` itself. Answers the npm packages of which something is in them. */
async function compile(folder, outdir, programs) {
  const { metafile } = await build({
    // Packages that are CommonJS ask for what is Node's, and for their own place.
    banner: {
      js: "import { createRequire as ofNode } from 'node:module'; const require = ofNode(import.meta.url);",
    },
    bundle: true,
    chunkNames: 'shared-[hash]',
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    // CycloneDX would write XML with it, which nobody asks for.
    external: ['xmlbuilder2'],
    entryPoints: programs.map((name) => join(folder, name)),
    format: 'esm',
    keepNames: true,
    logLevel: 'error',
    mainFields: ['module', 'main'],
    metafile: true,
    outdir,
    platform: 'node',
    plugins: [sourcesOf(folder)],
    splitting: true,
    target: 'node20',
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
}

/** Programs in other languages (Ruby, shell) go beside the code that calls them, and so does what plan has the digest of. */
const isCopied = (path) => !path.endsWith('.ts') || /^src\/(puppet\/catalogs\/|lib\/hash\.ts$)/.test(path);

/** The names, versions and licenses of packages, as their licenses ask for. */
async function licensesOf(folders) {
  const texts = folders.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : `\n${await readFile(join(folder, file), 'utf8')}`;
    return `${name} ${version} (${license})\n${text}`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n`);
}

try {
  await rm(made, { recursive: true, force: true });
  const programs = (await readdir('src')).filter((name) => name.endsWith('.ts'));
  const cloud = ['clear-up.ts', 'local-cloud.ts', 'start.ts'];
  const used = new Set([
    ...(await compile('src', made, programs)),
    ...(await compile('src/local-cloud', join(made, 'local-cloud'), cloud)),
  ]);
  await cp('src', made, { recursive: true, filter: isCopied });
  await writeFile(`${made}/third-party-licenses.txt`, await licensesOf([...used].sort()));
  await writeFile(`${made}/.commit`, `${commit}\n`);
  await rm(out, { recursive: true, force: true });
  await rename(made, out);
} finally {
  await rm(made, { recursive: true, force: true });
}
