/** How far back builds are taken for: as many as a job may have lost since its last one that got to its end. */
const howMany = 20;

/**
 * The runs of a job's earlier builds, by Jenkins' BUILD_TAG (`jenkins-<job>-<number>`). The job runs one build at a
 * time, so they are over, and what one that was killed has left can go, however young it is.
 */
export function earlierRuns(buildTag: string): string[] {
  const [, job, digits] = /^(jenkins-.+-)([1-9]\d{0,8})$/.exec(buildTag) ?? [];
  if (job === undefined || digits === undefined) return [];
  const number = Number(digits);
  const first = Math.max(1, number - howMany);
  return Array.from({ length: number - first }, (_, index) => `${job}${first + index}`);
}
