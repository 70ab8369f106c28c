import type { Readable } from 'node:stream';
import { errors } from 'undici';
import type { Millis } from '@freshet/protocol';
import type { AddressGuard } from '../../source/fetch/address-guard.ts';
import type { SourceFetcher } from '../../source/fetch/source-fetcher.ts';
import { SourceFault } from '../../stream/source-fault.ts';
import { openRadio } from './open-radio.ts';

/** A station that is silent for this long is gone. */
const IDLE_MS: Millis = 20_000;

/** Opens the endless body at an address: a transport stream, Icecast or SHOUTcast radio. @throws SourceFault */
export async function openInput(
  fetcher: SourceFetcher,
  guard: AddressGuard,
  url: string,
  signal: AbortSignal,
): Promise<Readable> {
  try {
    const { body } = await fetcher.open(url, { headersMs: IDLE_MS, idleMs: IDLE_MS }, signal);
    return body;
  } catch (error) {
    if (error instanceof SourceFault && error.cause instanceof errors.HTTPParserError)
      return openRadio(url, guard, signal);
    throw error;
  }
}
