/** Bounds of requests: the server enforces them, the console's forms state them. */
export const API_LIMITS = {
  /** Characters of a new stream's name, of a source's address and of a token. */
  nameLength: 64,
  urlLength: 2048,
  tokenLength: 512,
  costPerGb: 1000,
  uploadLimitKbps: 1_000_000,
  uploadBudgetMb: 1_000_000,
  holdOutPercent: 50,
  /** Headless viewers of one rehearsal. Each decodes a video on the server's machine. */
  headlessViewers: 12,
  leastRehearsalSeconds: 20,
  mostRehearsalSeconds: 600,
  /** Viewers that the picture of the swarm shows. */
  viewersShown: 300,
} as const;
