import { transform } from 'esbuild';

/** jest's transformer: esbuild strips the types of a file, in a tenth of the time that TypeScript takes. */
export default {
  /**
   * @param {string} source
   * @param {string} file
   */
  async processAsync(source, file) {
    const { code, map } = await transform(source, {
      format: 'esm',
      loader: 'ts',
      sourcefile: file,
      sourcemap: 'external',
      target: 'node20',
    });
    return { code, map };
  },
};
