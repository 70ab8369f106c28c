import type { ReplayedStep } from '@freshet/swarm';

/** `#12 +3.250 s  piece-arrived {"peer":"…"}`, and below it a line for each command as recorded. */
export function describeStep({ number, step }: ReplayedStep, startedAt: number): string {
  const seconds = ((step.now - startedAt) / 1000).toFixed(3);
  const commands = JSON.parse(step.commands) as readonly { readonly type: string }[];
  return [`#${number} +${seconds} s  ${named(step.event)}`, ...commands.map((c) => `    > ${named(c)}`)].join(
    '\n',
  );
}

function named({ type, ...rest }: { readonly type: string }): string {
  return Object.keys(rest).length === 0 ? type : `${type} ${JSON.stringify(rest)}`;
}
