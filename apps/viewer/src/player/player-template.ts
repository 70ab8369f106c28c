import { PANEL_TEMPLATE } from '../panel/panel-template.ts';

/**
 * The player's shadow tree. `frame` is the element that goes full screen: the picture with its controls, and the panel.
 */
export const PLAYER_TEMPLATE = `
<div class="frame" part="frame" data-phase="idle">
  <media-controller part="stage" noautoseektolive novolumepref nomutedpref nosubtitleslangpref
    hotkeys="noarrowleft noarrowright">
    <video slot="media" playsinline></video>
    <div class="sound" slot="centered-chrome" noautohide hidden>
      <svg viewBox="28 0 64 60" aria-hidden="true">
        <circle cx="60" cy="30" r="5"/>
        <path d="M48 40a16 16 0 0 1 0-20m24 0a16 16 0 0 1 0 20"/>
        <path d="M38 48a29 29 0 0 1 0-36m44 0a29 29 0 0 1 0 36"/>
      </svg>
      <p class="name"></p>
      <p>Audio only</p>
    </div>
    <media-loading-indicator slot="centered-chrome" noautohide></media-loading-indicator>
    <media-time-range class="dvr" aria-label="Seek"></media-time-range>
    <media-control-bar part="controls">
      <media-play-button notooltip></media-play-button>
      <media-mute-button notooltip></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-live-button></media-live-button>
      <span class="space"></span>
      <media-captions-button notooltip></media-captions-button>
      <button class="settings-button" type="button" aria-label="Settings" aria-haspopup="dialog"
        aria-expanded="false" aria-controls="settings" hidden>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.4" fill="none" stroke="currentColor" stroke-width="1.9"/><circle cx="8.5" cy="17" r="2.4" fill="none" stroke="currentColor" stroke-width="1.9"/></svg>
      </button>
      <media-pip-button notooltip></media-pip-button>
      <media-fullscreen-button notooltip></media-fullscreen-button>
    </media-control-bar>
  </media-controller>
  <div class="over">
    <button class="start" type="button" aria-label="Play">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8.2 4.9v14.2a.9.9 0 0 0 1.37.77l11.4-7.1a.9.9 0 0 0 0-1.54L9.57 4.13A.9.9 0 0 0 8.2 4.9Z" fill="currentColor"/></svg>
    </button>
    <button class="unmute" type="button" hidden>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M11 5 6.5 9H3v6h3.5l4.5 4V5Z" fill="currentColor"/><path d="m16 9.5 5 5m0-5-5 5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/></svg>
      <span>Tap to unmute</span>
    </button>
    <form class="settings" id="settings" role="dialog" aria-label="Settings" hidden></form>
    <div class="notice" role="status"></div>
    <section class="trouble" hidden>
      <div role="alert"><h2></h2><p></p></div>
      <div class="ways">
        <button class="retry" type="button">Try again</button>
        <slot name="elsewhere"></slot>
      </div>
    </section>
  </div>
  ${PANEL_TEMPLATE}
</div>`;
