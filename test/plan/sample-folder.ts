import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../cli/stage-process.ts';

/**
 * Copies the sample, with the project's own template and provisioning scripts, into a folder. Its package becomes a file:
 * for the one, Puppet loads all that it knows of packages, which takes each compiler as long as all the rest. That
 * packages are planned, test/plan/same-digests.test.ts and the corpus show.
 */
export function copySample(folder: string): void {
  cpSync(join(root, 'test/plan/sample'), folder, { recursive: true });
  cpSync(join(root, 'templates/packer.json.mustache'), join(folder, 'templates/packer.json.mustache'));
  cpSync(join(root, 'templates/provision'), join(folder, 'templates/provision'), { recursive: true });
  const redis = join(folder, 'environment/modules/redis/manifests/init.pp');
  const text = readFileSync(redis, 'utf8');
  const light = text.replace(
    "package { 'redis-server':\n    ensure => installed",
    "file { '/usr/bin/redis':\n    ensure => file",
  );
  if (light === text) throw new Error(`${redis} has no package`);
  writeFileSync(redis, light);
}

/** A copy of the sample that a test may change. */
export class SampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'bakehouse-sample-'));

  constructor() {
    copySample(this.path);
  }

  at(file: string): string {
    return join(this.path, file);
  }

  read(file: string): string {
    return readFileSync(this.at(file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.at(file)), { recursive: true });
    writeFileSync(this.at(file), text);
  }

  /** Replaces a text that stands there once. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (text.split(from).length !== 2) throw new Error(`${file} does not have ${from} once`);
    this.write(
      file,
      text.replace(from, () => to),
    );
  }

  append(file: string, text: string): void {
    this.write(file, this.read(file) + text);
  }

  remove(file: string): void {
    rmSync(this.at(file));
  }

  link(file: string, target: string): void {
    mkdirSync(dirname(this.at(file)), { recursive: true });
    symlinkSync(target, this.at(file));
  }

  throwAway(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
