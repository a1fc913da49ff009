import type { Node } from '../nodes/node.ts';
import { factsOf, type PackSettings } from '../packer/pack.ts';
import { packFileReader } from '../packer/pack-files.ts';
import { type PackInputs, packInputs } from '../packer/pack-inputs.ts';
import { readTemplate } from '../packer/read-template.ts';
import type { SourceQuery } from '../packer/source-query.ts';
import type { Catalog } from '../puppet/catalogs/catalog.ts';
import type { CompileOrder, Finding } from '../puppet/catalogs/compilation.ts';
import { type FileLookUp, filesDigest } from '../puppet/catalogs/files-digest.ts';
import type { JudgedCatalog } from './judge-catalogs.ts';
import type { NodeInputs } from './inputs.ts';
import type { Failure } from './reason.ts';
import type { Side } from './side.ts';

/** A node of a side, with all that decides its image. */
export interface SideNode {
  node: Node;
  /** With any of these there are no inputs. */
  failures: Failure[];
  findings: Finding[];
  inputs?: NodeInputs;
  /** The source image's id, if EC2 was asked. */
  sourceAmi?: string;
  /** Each file that the catalog names, with its id. */
  files: readonly (readonly [address: string, id: string])[];
  /** Puppet's warnings, and files that are not there. */
  warnings: string[];
  /** Only if it was compiled just now. */
  catalog?: Catalog;
}
