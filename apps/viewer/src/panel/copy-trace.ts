import { setText } from '@freshet/ui';

/**
 * Copies a trace of the engine's decisions on a click. Without clipboard access (plain http) the browser saves it as a
 * file instead.
 */
export function copyTraceOn(button: HTMLElement, read: () => string | undefined): void {
  button.addEventListener('click', () => {
    void copy(read() ?? '').then((outcome) => {
      setText(button, outcome);
    });
  });
  button.addEventListener('blur', () => {
    setText(button, 'Copy trace');
  });
}

async function copy(trace: string): Promise<string> {
  if (trace === '') return 'No trace';
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
  link.href = URL.createObjectURL(new Blob([trace]));
  link.download = 'freshet-trace.jsonl';
  link.click();
  URL.revokeObjectURL(link.href);
}
