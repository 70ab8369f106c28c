import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Live } from './live';

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Live url={url} />
  </StrictMode>,
);
