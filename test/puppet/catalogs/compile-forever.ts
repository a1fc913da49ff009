import { compileCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import { compilerOptions, requestOf } from './environment-folder.ts';

/** A process of its own, to be killed while it compiles: `compile-forever.ts FOLDER NODE`. */
const [folder = '', node = ''] = process.argv.slice(2);
await compileCatalogs([requestOf(node)], compilerOptions(folder));
