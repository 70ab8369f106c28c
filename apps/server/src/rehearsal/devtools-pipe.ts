import type { Readable, Writable } from 'node:stream';

/** Far more than any answer to the commands used here. */
const MAX_ANSWER_CHARACTERS = 1024 * 1024;

interface Answer {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message?: string };
}
type Settle = (answer: Answer | Error) => void;

/** Chromium's DevTools protocol over two pipes: JSON with a zero byte after each message. It needs no open port. */
export class DevtoolsPipe {
  readonly #to: Writable;
  readonly #open = new Map<number, Settle>();
  #last = 0;
  #rest = '';
  #closed = false;

  constructor({ to, from }: { readonly to: Writable; readonly from: Readable }) {
    this.#to = to;
    // Either stream may end first; pending commands are then rejected.
    to.on('error', () => {
      this.#close();
    });
    from.on('error', () => {
      this.#close();
    });
    from.once('close', () => {
      this.#close();
    });
    from.setEncoding('utf8').on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop() ?? '';
      // Without understanding Chromium, the rehearsal cannot go on.
      if (this.#rest.length > MAX_ANSWER_CHARACTERS || !messages.every((message) => this.#hear(message)))
        from.destroy();
    });
  }

  /** @throws Error with Chromium's message, or when Chromium has exited */
  async ask(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#last;
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (this.#closed) {
        reject(new Error('Chromium exited'));
        return;
      }
      this.#open.set(id, (said) => {
        if (said instanceof Error) reject(said);
        else resolve(said);
      });
      this.#to.write(`${JSON.stringify({ id, method, params })}\0`);
    });
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message ?? 'refused'}`);
    return answer.result ?? {};
  }

  /** @returns whether the message is JSON */
  #hear(text: string): boolean {
    let answer: Answer | null;
    try {
      answer = JSON.parse(text) as Answer | null;
    } catch {
      return false;
    }
    if (answer?.id === undefined) return true;
    this.#open.get(answer.id)?.(answer);
    this.#open.delete(answer.id);
    return true;
  }

  #close(): void {
    this.#closed = true;
    for (const settle of this.#open.values()) settle(new Error('Chromium exited'));
    this.#open.clear();
  }
}
