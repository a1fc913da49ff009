/** A file of a folder, links followed. */
export interface TreeFile {
  /** The id that git gives to its bytes (SHA-1 of `blob <length>\0<bytes>`, hexadecimal). */
  id: string;
  executable: boolean;
}

/** All files below a folder, by their path as seen from it, with `/`; sorted. Nothing of version control's own (`.git`). */
export type Tree = ReadonlyMap<string, TreeFile>;
