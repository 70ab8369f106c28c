export function lintTarball(tarball: Uint8Array): Promise<string[]>;
export function typeProblems(tarball: Uint8Array): Promise<string[]>;
export function apiReport(folder: string, title: string, files: readonly string[]): Promise<string>;
