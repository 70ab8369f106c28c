/** The control API, as the console uses it. Shapes are those of docs/api.md. */

export type Group = 'sharing' | 'held-out' | 'waiting' | 'rehearsing';

export interface GroupFigures {
  readonly viewers: number;
  readonly counted: number;
  readonly medianStartupMs?: number;
  readonly medianLatencyMs?: number;
  readonly medianKbps?: number;
  readonly stallsPerHour?: number;
  readonly shareWithStall?: number;
}

export interface Sharing {
  readonly mode: 'on' | 'download-only' | 'off';
  readonly uploadLimitKbps: number | null;
  readonly uploadBudgetMb: number | null;
  /** What viewers on cellular networks may do. */
  readonly cellular: 'download-only' | 'off';
  readonly rampPercent: number;
  readonly holdOutPercent: number;
}

/** By the way that their packets take. */
export type LinksByKind = Readonly<Record<'direct' | 'reflexive' | 'relayed' | 'unknown', number>>;

export interface Stream {
  readonly name: string;
  /** Missing for those of the server's own settings. */
  readonly url?: string;
  readonly running: boolean;
  readonly sharing: Sharing;
  readonly state: 'starting' | 'live' | 'stale' | 'down' | 'ended' | 'stopped';
  /** Why the source does not work, and what to do. */
  readonly problem?: string;
  readonly viewers: number;
  /** Each counted at both ends. Missing before anybody watched. */
  readonly links?: LinksByKind;
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly renditions: readonly {
    readonly id: string;
    readonly about: string;
    readonly available: boolean;
  }[];
  readonly perViewer: boolean;
  readonly originBytes: number;
  readonly publishedBytes: number;
  readonly peerBytes: number;
  readonly offload?: number;
  readonly spent?: number;
  readonly saved?: number;
  readonly groups?: Readonly<Record<Group, GroupFigures>>;
}

export interface Money {
  readonly costPerGb: number | null;
  readonly currency: string;
}

export interface Overview {
  readonly kept: boolean;
  readonly money: Money;
  readonly uptimeSeconds: number;
  readonly streams: readonly Stream[];
}

export interface Sample {
  readonly at: number;
  readonly viewers: number;
  readonly originKbps: number;
  readonly peerKbps: number;
  readonly copies?: number;
  readonly stalls: number;
  readonly startupMs?: number;
  readonly latencyMs?: number;
}
export type Span = 'minutes' | 'hours';

export interface Viewer {
  readonly number: number;
  readonly group: Group;
  readonly minutes: number;
  readonly neighbours: number;
  readonly links: LinksByKind;
  readonly connectMs?: number;
  readonly takenKbps: number;
  readonly originKbps: number;
  readonly givenKbps: number;
  readonly injector: boolean;
  readonly uploads: boolean;
  readonly stalls: number;
  readonly startupMs?: number;
  readonly latencyMs?: number;
}
export interface Swarm {
  readonly total: number;
  readonly viewers: readonly Viewer[];
  readonly links: readonly { readonly from: number; readonly to: number; readonly kbps: number }[];
}

export interface RehearsalFigures {
  readonly viewers: number;
  readonly played: number;
  readonly medianStartupMs?: number;
  readonly medianLatencyMs?: number;
  readonly stalls: number;
  readonly viewersWithStall: number;
  readonly originBytes: number;
  readonly copies?: number;
  readonly laterCopies?: number;
  readonly peerBytes: number;
  readonly offload?: number;
  readonly others: number;
}
export interface Rehearsal {
  readonly state: 'none' | 'running' | 'done' | 'stopped' | 'failed';
  readonly problem?: string;
  readonly hasChromium: boolean;
  readonly pages: number;
  readonly headless?: number;
  readonly seconds?: number;
  readonly elapsedSeconds?: number;
  readonly figures?: RehearsalFigures;
}

/** What the server said no to; the message is for the reader. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

const TIMEOUT_MS = 10_000;

/** @param root the API's address, ending in `/`. Every call rejects with an ApiError that can be shown. */
export function controlApi(root: string) {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(new URL(path, root), {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
    } catch {
      throw new ApiError(0, 'Cannot reach the server. The page may be outdated. Trying again…');
    }
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    throw new ApiError(response.status, sentence(text) ?? `The server returned status ${response.status}.`);
  };
  const stream = (name: string) => `streams/${encodeURIComponent(name)}`;
  return {
    isSignedIn: async () => ((await call('GET', 'session')) as { signedIn: boolean }).signedIn,
    signIn: (token: string) => call('POST', 'session', { token }),
    signOut: () => call('DELETE', 'session'),
    overview: () => call('GET', 'overview') as Promise<Overview>,
    setMoney: (money: Money) => call('PUT', 'money', money),
    add: (name: string, url: string) => call('POST', 'streams', { name, url }) as Promise<Stream>,
    stream: (name: string) => call('GET', stream(name)) as Promise<Stream>,
    edit: (name: string, change: { url?: string; running?: boolean }) =>
      call('PATCH', stream(name), change) as Promise<Stream>,
    remove: (name: string) => call('DELETE', stream(name)),
    share: (name: string, sharing: Sharing) =>
      call('PUT', `${stream(name)}/sharing`, sharing) as Promise<Stream>,
    history: async (name: string, span: Span) =>
      ((await call('GET', `${stream(name)}/history?span=${span}`)) as { samples: readonly Sample[] }).samples,
    rehearsal: (name: string) => call('GET', `${stream(name)}/rehearsal`) as Promise<Rehearsal>,
    rehearse: (name: string, asked: { readonly viewers: number; readonly seconds: number }) =>
      call('POST', `${stream(name)}/rehearsal`, asked) as Promise<Rehearsal>,
    endRehearsal: (name: string) => call('DELETE', `${stream(name)}/rehearsal`) as Promise<Rehearsal>,
    swarm: (name: string) => call('GET', `${stream(name)}/swarm`) as Promise<Swarm>,
  };
}
export type ControlApi = ReturnType<typeof controlApi>;

function sentence(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
