/** The code that a broadcaster pastes into a page. */
export function embedSnippet(server: string, stream: string): string {
  return `<script src="${server}embed.js" data-stream="${stream}"></script>`;
}
