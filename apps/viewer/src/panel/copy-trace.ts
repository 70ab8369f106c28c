import { setText } from '@freshet/ui';

const LABEL = 'Copy trace';

/**
 * Copies a trace of the engine's decisions on a click. Without clipboard access (plain http) the browser saves it as a
 * file instead.
 */
export function copyTraceOn(button: HTMLElement, read: () => string | undefined): void {
  button.addEventListener('click', () => {
    const trace = read();
    if (trace === undefined) setText(button, 'No trace: sharing is off');
    else
      void copy(trace).then((outcome) => {
        setText(button, outcome);
      });
  });
  button.addEventListener('blur', () => {
    setText(button, LABEL);
  });
}

async function copy(trace: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(trace);
    return 'Copied';
  } catch {
    save(trace);
    return 'Saved';
  }
}

function save(trace: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([trace], { type: 'application/jsonl' }));
  link.download = 'freshet-trace.jsonl';
  link.click();
  URL.revokeObjectURL(link.href);
}
