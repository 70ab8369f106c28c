import type { StreamName } from '@freshet/protocol';
import type { Request } from 'express';
import type { Denial } from './denial.ts';
import type { Grant, StreamAccess } from './stream-access.ts';
import type { TicketUse } from './tickets.ts';

/** Whether a request may read a stream. Undefined: the stream is public. */
export type AdmitRequest = (
  request: Request,
  stream: StreamName,
  use: 'playlist' | TicketUse,
) => undefined | Denial | Grant | Promise<Denial | Grant>;

/** @param publicSite the server's own site as browsers see it. Default: as the request says */
export function httpAccess(access: StreamAccess, publicSite: string | undefined): AdmitRequest {
  return (request, stream, use) => {
    const at = request.url.indexOf('?');
    return access.admitRequest({
      ...{ stream, use },
      query: new URLSearchParams(at === -1 ? '' : request.url.slice(at)),
      authorization: request.headers.authorization,
      from: { address: request.ip ?? '', site: siteOf(request, publicSite) },
    });
  };
}

/** Browsers leave the header `Origin` out of a page's requests to its own site. */
function siteOf(request: Request, publicSite: string | undefined): string | undefined {
  const { origin, host = '', 'sec-fetch-site': relation } = request.headers;
  if (origin !== undefined || relation !== 'same-origin') return origin;
  return publicSite ?? `${request.protocol}://${host}`;
}
