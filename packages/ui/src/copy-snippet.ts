import { setText } from './dom.ts';

/**
 * A line of code with a button that copies it. Without clipboard access (plain http) the button selects the line, so
 * that the user can copy it.
 */
export function snippetWithCopy(text: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'snippet';
  const code = document.createElement('code');
  code.textContent = text;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-live', 'polite');
  button.addEventListener('click', () => {
    void copy(text, code).then((outcome) => {
      setText(button, outcome);
    });
  });
  button.addEventListener('blur', () => {
    setText(button, 'Copy');
  });
  box.append(code, button);
  return box;
}

async function copy(text: string, code: HTMLElement): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    getSelection()?.selectAllChildren(code);
    return 'Selected';
  }
}
