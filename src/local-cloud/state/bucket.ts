/** A bucket of S3. */
export interface Bucket {
  readonly name: string;
  readonly createdAt: string;
  /** By `/` and the key, so that a key `__proto__` is one like others. */
  readonly objects: Record<string, StoredObject>;
}

/** An object; its bytes are in a file that is named by their SHA-256. */
export interface StoredObject {
  readonly key: string;
  readonly sha256: string;
  readonly size: number;
  /** The MD5 of its bytes, in quotes. */
  readonly etag: string;
  readonly type: string;
  readonly modifiedAt: string;
}
