import type { PageServer } from '../../src/harness/servers/page-server.ts';
import type { Engine, EngineName } from './engine.ts';
import { freshetEngine } from './freshet.ts';
import { p2pmlEngine } from './p2pml.ts';
import { plainEngine } from './plain.ts';

/** Adds the engine's page to the page server, and starts the engine's tracker if it needs one. */
export async function openEngine(name: EngineName, pages: PageServer): Promise<Engine> {
  switch (name) {
    case 'plain':
      return plainEngine(pages);
    case 'freshet':
      return freshetEngine(pages);
    case 'p2pml':
    case 'p2pml-tuned':
    case 'p2pml-far':
      return p2pmlEngine(pages, name);
  }
}
