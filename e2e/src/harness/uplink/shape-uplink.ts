/**
 * Runs in the page, before the page's own scripts, and gives all its data channels together one thin uplink. Messages
 * wait here and leave packet by packet at the given rate, the channels in turn. Only `bufferedAmount` and
 * `bufferedamountlow` show the waiting bytes, as the browser's own would. It is passed as source text, so it refers to
 * nothing outside itself.
 * @param kbps more than 0.
 */
export function shapeUplink(kbps: number): void {
  const PACKET_BYTES = 1200;
  const TICK_MS = 5;
  /**
   * The browser's own event reports its own buffer, which is nearly always empty here. Listeners get this event
   * instead.
   */
  const LOW = 'shaped-bufferedamountlow';

  interface Waiting {
    readonly messages: { readonly data: ArrayBuffer | string; readonly bytes: number }[];
    /** Bytes of the first message that have not left. */
    first: number;
    /** Bytes of all messages. */
    bytes: number;
    low: number;
    listener: EventListener | null;
  }

  const bytesPerMs = kbps / 8;
  const prototype = RTCDataChannel.prototype;
  type Listen = (this: EventTarget, type: string, listener: unknown, options?: unknown) => void;
  const native = {
    send: Reflect.get(prototype, 'send') as (this: RTCDataChannel, data: ArrayBuffer | string) => void,
    addEventListener: Reflect.get(prototype, 'addEventListener') as Listen,
    removeEventListener: Reflect.get(prototype, 'removeEventListener') as Listen,
  };
  const inBrowser = Object.getOwnPropertyDescriptor(prototype, 'bufferedAmount');
  const waitingOf = new WeakMap<RTCDataChannel, Waiting>();
  /** Channels with messages to send; the first one is next. */
  const busy: RTCDataChannel[] = [];
  let credit = 0;
  let creditAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const find = (channel: RTCDataChannel): Waiting => {
    let waiting = waitingOf.get(channel);
    if (waiting === undefined) {
      waiting = { messages: [], first: 0, bytes: 0, low: 0, listener: null };
      waitingOf.set(channel, waiting);
    }
    return waiting;
  };

  /** Sends one packet of the channel's first message. The message itself leaves with its last packet. */
  const sendPacket = (channel: RTCDataChannel, waiting: Waiting): void => {
    const message = waiting.messages[0];
    if (message === undefined) return;
    const packet = Math.min(PACKET_BYTES, waiting.first);
    const wasHigh = waiting.bytes > waiting.low;
    waiting.first -= packet;
    waiting.bytes -= packet;
    credit -= packet;
    if (waiting.first === 0) {
      waiting.messages.shift();
      waiting.first = waiting.messages[0]?.bytes ?? 0;
      native.send.call(channel, message.data);
    }
    if (wasHigh && waiting.bytes <= waiting.low) channel.dispatchEvent(new Event(LOW));
  };

  const pump = (): void => {
    timer = undefined;
    const now = performance.now();
    credit += (now - creditAt) * bytesPerMs;
    creditAt = now;
    while (credit > 0) {
      const channel = busy.shift();
      if (channel === undefined) break;
      const waiting = find(channel);
      // The waiting messages of a closed link are dropped.
      if (channel.readyState !== 'open') continue;
      sendPacket(channel, waiting);
      if (waiting.messages.length > 0) busy.push(channel);
    }
    // An idle line accumulates no credit.
    if (busy.length === 0) credit = Math.min(credit, 0);
    else timer = setTimeout(pump, Math.max(TICK_MS, -credit / bytesPerMs));
  };

  const copy = (data: ArrayBuffer | ArrayBufferView | string): ArrayBuffer | string => {
    if (typeof data === 'string') return data;
    if (data instanceof ArrayBuffer) return data.slice(0);
    const bytes = new Uint8Array(data.byteLength);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return bytes.buffer;
  };

  Object.defineProperties(prototype, {
    send: {
      configurable: true,
      value(this: RTCDataChannel, data: ArrayBuffer | ArrayBufferView | string): void {
        if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError');
        const waiting = find(this);
        const message = copy(data);
        const bytes = typeof message === 'string' ? message.length : message.byteLength;
        if (waiting.messages.length === 0) {
          waiting.first = bytes;
          busy.push(this);
        }
        waiting.messages.push({ data: message, bytes });
        waiting.bytes += bytes;
        if (timer !== undefined) return;
        creditAt = performance.now();
        timer = setTimeout(pump, 0);
      },
    },
    bufferedAmount: {
      configurable: true,
      get(this: RTCDataChannel): number {
        return find(this).bytes + Number(inBrowser?.get?.call(this) ?? 0);
      },
    },
    bufferedAmountLowThreshold: {
      configurable: true,
      get(this: RTCDataChannel): number {
        return find(this).low;
      },
      set(this: RTCDataChannel, bytes: number) {
        find(this).low = bytes;
      },
    },
    onbufferedamountlow: {
      configurable: true,
      get(this: RTCDataChannel): EventListener | null {
        return find(this).listener;
      },
      set(this: RTCDataChannel, listener: EventListener | null) {
        const waiting = find(this);
        native.removeEventListener.call(this, LOW, waiting.listener);
        waiting.listener = listener;
        native.addEventListener.call(this, LOW, listener);
      },
    },
    addEventListener: {
      configurable: true,
      value(this: RTCDataChannel, type: string, ...rest: [unknown, unknown?]): void {
        native.addEventListener.call(this, type === 'bufferedamountlow' ? LOW : type, ...rest);
      },
    },
    removeEventListener: {
      configurable: true,
      value(this: RTCDataChannel, type: string, ...rest: [unknown, unknown?]): void {
        native.removeEventListener.call(this, type === 'bufferedamountlow' ? LOW : type, ...rest);
      },
    },
  });
}
