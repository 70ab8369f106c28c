/** The panel's markup in the shadow tree. Figures are filled in by name (`data-figure`). */
export const PANEL_TEMPLATE = `
<div class="share" data-state="connecting">
  <button class="chip" type="button" aria-expanded="false" aria-controls="panel">
    <span class="dot"></span><span data-figure="chip">Joining…</span>
  </button>
  <section class="ask" aria-label="Share this stream?" hidden>
    <p>
      Viewers help to deliver this stream. May your browser send pieces of it to others while you watch? They may see
      your IP address.
    </p>
    <div class="answers">
      <button class="yes" type="button">Share</button>
      <button class="no" type="button">Not now</button>
    </div>
  </section>
  <section class="panel" id="panel" aria-label="Sharing with other viewers" hidden>
    <header>
      <span class="dot"></span>
      <h2 data-figure="headline"></h2>
      <button class="close" type="button" aria-label="Close">
        <svg viewBox="0 0 10 10" aria-hidden="true"><path d="m1 1 8 8M9 1 1 9" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/></svg>
      </button>
    </header>
    <p data-figure="reason"></p>
    <div class="measures">
      <div class="carried"><span>Delivered by viewers</span><span data-figure="carriedText"></span></div>
      <div class="bar" aria-hidden="true"><span></span></div>
      <dl class="figures">
        <dt class="key peer">From viewers</dt><dd data-figure="fromViewers"></dd>
        <dt class="key">From server</dt><dd data-figure="fromServer"></dd>
        <dt>Uploaded</dt><dd data-figure="given"></dd>
        <dt>Behind live</dt><dd data-figure="behindLive"></dd>
        <dt>Connections</dt><dd data-figure="links"></dd>
      </dl>
    </div>
    <label class="give"><span>Share with other viewers</span><input type="checkbox" role="switch" /></label>
    <p data-figure="restraint"></p>
    <p class="why">
      While you watch, your browser sends pieces of this stream to other viewers. They may see your IP address.
    </p>
    <button class="trace" type="button" aria-live="polite" hidden>Copy trace</button>
  </section>
</div>`;
