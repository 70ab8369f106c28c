export interface Stage {
  readonly name: string;
  /** A script of the root's package.json. */
  readonly script: string;
}

export interface StageRun {
  readonly stage: Stage;
  readonly ms: number;
  readonly exitCode: number;
}

export interface StageParts {
  /** @returns the script's exit code */
  readonly run: (script: string) => Promise<number>;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  readonly print: (line: string) => void;
}

/** Runs the stages in order, up to the first that fails. Prints the time of each, and a table at the end. */
export async function runStages(
  stages: readonly Stage[],
  { run, now, print }: StageParts,
): Promise<readonly StageRun[]> {
  const runs: StageRun[] = [];
  for (const [index, stage] of stages.entries()) {
    print(`\n[${index + 1}/${stages.length}] ${stage.name}: npm run ${stage.script}`);
    const startedAt = now();
    const exitCode = await run(stage.script);
    const last = { stage, ms: now() - startedAt, exitCode };
    runs.push(last);
    print(`[${index + 1}/${stages.length}] ${stage.name}: ${outcome(last)}, ${seconds(last.ms)} s`);
    if (exitCode !== 0) break;
  }
  print(`\n${table(stages, runs)}`);
  const failed = runs.find(({ exitCode }) => exitCode !== 0);
  if (failed !== undefined)
    print(
      `\nStopped: "${failed.stage.name}" failed with exit code ${failed.exitCode}. Repeat it alone with: npm run ${failed.stage.script}`,
    );
  return runs;
}

/** A line for each stage with its seconds, and the total. */
function table(stages: readonly Stage[], runs: readonly StageRun[]): string {
  const sum = runs.reduce((ms, run) => ms + run.ms, 0);
  const rows = [
    ['stage', 'seconds', 'result'],
    ...stages.map(({ name }, index) => {
      const run = runs[index];
      return run === undefined ? [name, '-', 'not run'] : [name, seconds(run.ms), outcome(run)];
    }),
    ['total', seconds(sum), ''],
  ];
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [nameWidth, secondsWidth] = [widthOf(0), widthOf(1)];
  return rows
    .map(([name = '', time = '', result = '']) =>
      `${name.padEnd(nameWidth)}  ${time.padStart(secondsWidth)}  ${result}`.trimEnd(),
    )
    .join('\n');
}

function outcome({ exitCode }: StageRun): string {
  return exitCode === 0 ? 'passed' : 'failed';
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
