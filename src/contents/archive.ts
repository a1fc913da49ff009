/** What is kept of an image beyond its bake's workspace. */
export type ArchivedFile = 'contents.json' | 'sbom.cdx.json' | 'bake.json' | 'verify.json';

/** Where files of images are kept: `<archive>/<node>/images/<image>/<file>`. */
export interface Archive {
  /** For a person: `reports` or `s3://bucket/prefix`. */
  readonly name: string;
  /** The file's text; undefined: there is none. Throws what the file system or S3 throws. */
  read: (node: string, image: string, file: ArchivedFile) => Promise<string | undefined>;
  /** Writes it whole or not at all. */
  write: (node: string, image: string, file: ArchivedFile, content: string) => Promise<void>;
}
