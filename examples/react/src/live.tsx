import type { FreshetPlayer, FreshetPlayerEvents } from '@freshet/player/react';
import '@freshet/player/react';
import { useRef, useState } from 'react';

type Statistics = FreshetPlayerEvents['statistics']['detail'];

export function Live({ url }: { readonly url: string }) {
  const player = useRef<FreshetPlayer>(null);
  const [statistics, setStatistics] = useState<Statistics>();
  return (
    <>
      <freshet-player
        ref={player}
        src={url}
        autoplay
        muted
        onstatistics={({ detail }) => setStatistics(detail)}
      />
      <p>
        <output>{statistics === undefined ? 'Loading…' : sentence(statistics)}</output>{' '}
        <button type="button" onClick={() => player.current?.retry()}>
          Restart
        </button>
      </p>
    </>
  );
}

function sentence({ neighbours, offload, stateReason }: Statistics): string {
  return `${neighbours} neighbours, ${Math.floor(offload * 100)} % from viewers. ${stateReason}`;
}
