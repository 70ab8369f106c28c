const PACKET = 188;
const PAT_PID = 0;

interface Stream {
  readonly type: number;
  /** Of the current PES: the payloads of its packets, and the adaptation field of the first. */
  parts: Buffer[];
  adaptation: Buffer;
  /** Its place in the output. */
  slot: Buffer[];
  counter: number;
}

/**
 * Rewrites the payload of an MPEG-TS segment's elementary streams and packs it again. Clocks and tables stay.
 * @param types new stream types in the PMT
 * @param change rewrites the payload of a PES packet, by its stream type
 */
export function mapPes(
  segment: Buffer,
  types: ReadonlyMap<number, number>,
  change: (type: number, payload: Buffer) => Buffer,
): Buffer {
  const output: Buffer[][] = [];
  const streams = new Map<number, Stream>();
  let pmtPid: number | undefined;
  const finish = (pid: number, stream: Stream): void => {
    if (stream.parts.length > 0) stream.slot.push(...pack(pid, stream, changePes(stream, change)));
    stream.parts = [];
  };
  for (let at = 0; at < segment.length; at += PACKET) {
    const packet = Buffer.from(segment.subarray(at, at + PACKET));
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const begins = ((packet[1] ?? 0) & 0x40) !== 0;
    const { adaptation, payload } = split(packet);
    if (pid === PAT_PID) pmtPid = payload.readUInt16BE(payload[0] === 0 ? 11 : 0) & 0x1fff;
    if (pid === pmtPid) readPmt(payload, streams, types);
    const stream = streams.get(pid);
    if (stream === undefined) {
      output.push([packet]);
      continue;
    }
    if (begins) {
      finish(pid, stream);
      if (stream.counter < 0) stream.counter = (packet[3] ?? 0) & 0x0f;
      stream.adaptation = adaptation;
      output.push((stream.slot = []));
    }
    stream.parts.push(payload);
  }
  for (const [pid, stream] of streams) finish(pid, stream);
  return Buffer.concat(output.flat());
}

/** @returns the adaptation field without its length and stuffing, and the payload after it */
function split(packet: Buffer): { adaptation: Buffer; payload: Buffer } {
  const control = ((packet[3] ?? 0) >> 4) & 3;
  const length = (control & 2) === 0 ? -1 : (packet[4] ?? 0);
  const payload = (control & 1) === 0 ? Buffer.alloc(0) : packet.subarray(5 + length);
  if (length <= 0) return { adaptation: Buffer.alloc(0), payload };
  // The flags, and the clock if there is one.
  const hasClock = ((packet[5] ?? 0) & 0x10) !== 0;
  return { adaptation: packet.subarray(5, hasClock ? 12 : 6), payload };
}

function readPmt(payload: Buffer, streams: Map<number, Stream>, types: ReadonlyMap<number, number>): void {
  const section = payload.subarray(1 + (payload[0] ?? 0));
  const length = section.readUInt16BE(1) & 0x0fff;
  const end = 3 + length - 4;
  for (let at = 12 + (section.readUInt16BE(10) & 0x0fff); at < end;) {
    const type = section[at] ?? 0;
    const pid = section.readUInt16BE(at + 1) & 0x1fff;
    if (!streams.has(pid))
      streams.set(pid, { type, parts: [], adaptation: Buffer.alloc(0), slot: [], counter: -1 });
    section[at] = types.get(type) ?? type;
    at += 5 + (section.readUInt16BE(at + 3) & 0x0fff);
  }
  section.writeUInt32BE(crc32(section.subarray(0, end)), end);
}

function changePes({ type, parts }: Stream, change: (type: number, payload: Buffer) => Buffer): Buffer {
  const pes = Buffer.concat(parts);
  const head = 9 + (pes[8] ?? 0);
  const length = pes.readUInt16BE(4);
  const payload = change(type, pes.subarray(head));
  const header = Buffer.from(pes.subarray(0, head));
  // 0: unbounded, which video may be.
  const size = head - 6 + payload.length;
  header.writeUInt16BE(length === 0 || size > 0xffff ? 0 : size, 4);
  return Buffer.concat([header, payload]);
}

/** Splits a PES into packets, with the adaptation field in the first and stuffing in the last. */
function pack(pid: number, stream: Stream, pes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < pes.length;) {
    let field = at === 0 ? stream.adaptation : Buffer.alloc(0);
    const room = PACKET - 4 - (field.length > 0 ? field.length + 1 : 0);
    const missing = room - Math.min(room, pes.length - at);
    if (missing > 0) {
      // A field of one byte has only its length; a longer one has flags before its stuffing.
      const bare = field.length === 0;
      const stuffing = missing - (bare ? Math.min(missing, 2) : 0);
      if (bare) field = missing > 1 ? Buffer.from([0]) : Buffer.alloc(0);
      field = Buffer.concat([field, Buffer.alloc(stuffing, 0xff)]);
      const chunk = pes.subarray(at);
      packets.push(
        packetOf(pid, stream, at === 0, Buffer.concat([Buffer.from([field.length]), field]), chunk),
      );
      at += chunk.length;
      continue;
    }
    const chunk = pes.subarray(at, at + room);
    const whole = field.length > 0 ? Buffer.concat([Buffer.from([field.length]), field]) : field;
    packets.push(packetOf(pid, stream, at === 0, whole, chunk));
    at += chunk.length;
  }
  return packets;
}

function packetOf(pid: number, stream: Stream, begins: boolean, field: Buffer, payload: Buffer): Buffer {
  const header = Buffer.from([0x47, 0, 0, (field.length > 0 ? 0x30 : 0x10) | stream.counter]);
  header.writeUInt16BE((begins ? 0x4000 : 0) | pid, 1);
  stream.counter = (stream.counter + 1) & 0x0f;
  const packet = Buffer.concat([header, field, payload]);
  if (packet.length !== PACKET) throw new Error(`a packet of ${packet.length} bytes`);
  return packet;
}

/** CRC-32/MPEG-2. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) === 0 ? crc << 1 : (crc << 1) ^ 0x04c11db7;
  }
  return crc >>> 0;
}
