const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * @param step `patch`, `minor`, `major`, or the version itself: `1.2.3`. The version may be `current`, for a first
 * release
 * @returns undefined if `step` is none of these, or a version before `current`
 */
export function nextVersion(current: string, step: string): string | undefined {
  const [major, minor, patch] = numbersOf(current);
  switch (step) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
    default:
      return VERSION.test(step) && !isBefore(numbersOf(step), [major, minor, patch]) ? step : undefined;
  }
}

type Numbers = readonly [major: number, minor: number, patch: number];

function numbersOf(version: string): Numbers {
  const [, major, minor, patch] = VERSION.exec(version) ?? [];
  if (patch === undefined) throw new Error(`${version} is not a version of the form 1.2.3`);
  return [Number(major), Number(minor), Number(patch)];
}

function isBefore(one: Numbers, other: Numbers): boolean {
  for (const [index, number] of one.entries()) {
    const difference = number - (other[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
