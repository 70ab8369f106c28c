/**
 * The sites whose pages may use this server, as they appear in the header `Origin`. Requests without that header pass:
 * programs other than browsers send what they like, and only tokens keep them out.
 */
export class AllowedSites {
  readonly #sites: ReadonlySet<string> | undefined;

  /** @param sites none: all sites @param own the server's own site as browsers see it */
  constructor(sites: readonly string[], own: string | undefined) {
    this.#sites = sites.length === 0 ? undefined : new Set(own === undefined ? sites : [...sites, own]);
  }

  /** Whether any site may use this server. */
  get areAll(): boolean {
    return this.#sites === undefined;
  }

  /** @param site the header `Origin` @param host the header `Host`: a page of this server itself is always allowed */
  allows(site: string | undefined, host: string | undefined): boolean {
    if (this.#sites === undefined || site === undefined || this.#sites.has(site)) return true;
    return host !== undefined && (site === `http://${host}` || site === `https://${host}`);
  }

  /** For `frame-ancestors`. */
  get ancestors(): readonly string[] {
    return this.#sites === undefined ? ['*'] : ["'self'", ...this.#sites];
  }
}
