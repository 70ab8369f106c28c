import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageServer } from '../servers/page-server.ts';

/** Plain hls.js with its default configuration, for comparison with Freshet. */
export function addPlainPage(pages: PageServer): (playlistUrl: string) => string {
  return hlsPage(
    pages,
    'plain.html',
    `<script>
  globalThis.hls = new Hls(globalThis.hlsOptions);
  hls.loadSource(new URLSearchParams(location.search).get('url'));
  hls.attachMedia(document.querySelector('video'));
</script>`,
  );
}

/** A page with a video element, hls.js and a script that uses them. @returns maps a playlist's URL to the page's */
export function hlsPage(pages: PageServer, name: string, script: string): (playlistUrl: string) => string {
  const library = pages.addFolder('hls.js', dirname(fileURLToPath(import.meta.resolve('hls.js'))));
  const page = pages.addPage(
    name,
    `<!doctype html><title>${name}</title>
<video muted autoplay playsinline style="width:480px"></video>
<script src="${library}hls.min.js"></script>
${script}`,
  );
  return (playlistUrl) => `${page}?url=${encodeURIComponent(playlistUrl)}`;
}
