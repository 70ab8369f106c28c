import { API_LIMITS } from '../api.ts';
import { element, field } from '../element.ts';
import type { View, ViewParts } from './view.ts';

export function signInView({ api, failed }: ViewParts, onSignedIn: () => void): View {
  const token = element('input', {
    ...{ type: 'password', name: 'token', required: true, autocomplete: 'current-password' },
    maxLength: API_LIMITS.tokenLength,
  });
  const button = element('button', { type: 'submit' }, 'Sign in');
  const said = element('p', { className: 'said', role: 'alert' });
  const form = element(
    'form',
    { className: 'card sign-in' },
    element('h1', {}, 'Sign in'),
    field('Token', token, { help: 'The server printed it at its first start.' }),
    said,
    button,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = '';
    api
      .signIn(token.value)
      .then(onSignedIn, (error: unknown) => {
        said.textContent = error instanceof Error ? error.message : String(error);
        token.select();
      })
      .catch(failed)
      .finally(() => {
        button.disabled = false;
      });
  });
  return { title: 'Sign in', element: form, isPublic: true };
}
