import type { Signal } from '@freshet/protocol';

/** A signal, and which of the two sides sent it: the one that offers, or the one that answers. */
export type Recorded = readonly [side: 'offering' | 'answering', signal: Signal];

/**
 * What simple-peer emitted in real browsers, with the candidates in their second offer's description, as they stand
 * there once they are found.
 */
export const RECORDED: Readonly<Record<string, readonly Recorded[]>> = {
  // Chromium 156, addresses hidden behind names.
  chromium: [
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 1109910394339835572 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:3puW',
          'a=ice-pwd:b+KR6LfB4vnkN7VfwF2OAcOy',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 F4:9C:83:40:40:41:F9:5B:1D:5A:37:3A:A9:64:58:90:C4:E8:C5:D4:FC:8A:FD:A0:07:98:04:61:0F:2C:16:BF',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'answering',
      {
        type: 'answer',
        sdp: [
          'v=0',
          'o=- 3344813275492812342 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:uUMS',
          'a=ice-pwd:ILsiBeFZXonuLo02FxxnGhZ3',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 0F:4D:58:B2:DA:47:CA:74:28:A3:B7:95:93:06:0B:70:37:D8:16:FB:81:C3:26:11:73:7B:13:CC:F9:A8:56:CA',
          'a=setup:active',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:1013958965 1 udp 2113937151 20f5342c-fc17-4007-8ccb-e58cbf9112a4.local 45362 typ host generation 0 ufrag 3puW network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:4144564437 1 udp 2113942271 0d974fe5-a70a-44e7-b6d7-da767c632798.local 49078 typ host generation 0 ufrag 3puW network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:1548381898 1 udp 2113937151 20f5342c-fc17-4007-8ccb-e58cbf9112a4.local 46855 typ host generation 0 ufrag uUMS network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:2536288042 1 udp 2113942271 0d974fe5-a70a-44e7-b6d7-da767c632798.local 58535 typ host generation 0 ufrag uUMS network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 1109910394339835572 3 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=candidate:1013958965 1 udp 2113937151 20f5342c-fc17-4007-8ccb-e58cbf9112a4.local 47864 typ host generation 1 network-cost 999',
          'a=candidate:4144564437 1 udp 2113942271 0d974fe5-a70a-44e7-b6d7-da767c632798.local 37801 typ host generation 1 network-cost 999',
          'a=ice-ufrag:mRwd',
          'a=ice-pwd:qy8HxZB5FEMEk+CVI8iPeM5T',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 F4:9C:83:40:40:41:F9:5B:1D:5A:37:3A:A9:64:58:90:C4:E8:C5:D4:FC:8A:FD:A0:07:98:04:61:0F:2C:16:BF',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
  ],
  // Chromium 156 with its addresses.
  chromiumByAddress: [
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 4819589687415476791 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:0fLf',
          'a=ice-pwd:3GsD5UgAuZVIU01XphXcL6zO',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 C7:1B:A0:30:AE:7E:93:0F:85:69:E5:AC:5B:14:F6:90:80:E5:FC:F6:07:D2:37:BB:2F:77:90:1B:6E:D1:F5:9B',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'answering',
      {
        type: 'answer',
        sdp: [
          'v=0',
          'o=- 3682868380134493396 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:d3Dr',
          'a=ice-pwd:WDKOf/ZxieaLPkhFsyqcUuEa',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 44:C7:8F:F8:80:68:C4:9E:5A:0E:ED:16:09:83:EB:F1:69:24:07:0F:6A:D3:EA:12:57:1E:AA:B4:61:E6:D0:A5',
          'a=setup:active',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3140479489 1 udp 2113937151 192.0.2.2 48690 typ host generation 0 ufrag 0fLf network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3160245937 1 udp 2113942271 fd00::2 37499 typ host generation 0 ufrag 0fLf network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3657682394 1 udp 2113937151 192.0.2.2 53778 typ host generation 0 ufrag d3Dr network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:291834938 1 udp 2113942271 fd00::2 59023 typ host generation 0 ufrag d3Dr network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 4819589687415476791 3 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 37353 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 192.0.2.2',
          'a=candidate:3140479489 1 udp 2113937151 192.0.2.2 37353 typ host generation 1 network-cost 999',
          'a=candidate:3160245937 1 udp 2113942271 fd00::2 35501 typ host generation 1 network-cost 999',
          'a=ice-ufrag:vEi8',
          'a=ice-pwd:kxiSZiyck0i1X5eFyqr6TNeV',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 C7:1B:A0:30:AE:7E:93:0F:85:69:E5:AC:5B:14:F6:90:80:E5:FC:F6:07:D2:37:BB:2F:77:90:1B:6E:D1:F5:9B',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
  ],
  // Firefox 153 ESR.
  firefox: [
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 7642264796402938390 0 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 0F:14:48:66:9D:AF:DE:AB:29:89:27:F1:CE:60:8C:BA:D8:F0:7B:98:50:49:13:D7:A5:A4:1D:E1:3A:EF:A3:A3',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=sendrecv',
          'a=ice-pwd:0c25d5211ec22cb4164d89c2789b5134',
          'a=ice-ufrag:02d52493',
          'a=mid:0',
          'a=setup:actpass',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'answering',
      {
        type: 'answer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 8097119622989731154 0 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 49:77:95:A6:5B:26:13:0B:11:70:2B:ED:76:2C:3A:3F:25:D2:31:E4:C0:1F:2F:1E:83:4B:0C:FA:80:CF:E8:80',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=sendrecv',
          'a=ice-pwd:bac3547b7c09ec7a6fed0bd4848a7cab',
          'a=ice-ufrag:4f6bb37e',
          'a=mid:0',
          'a=setup:active',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:0 1 UDP 2122187007 62b3cf0d-29c0-4c69-b1df-7eafe3782f2b.local 54966 typ host',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:1 1 UDP 2122252543 8f6ab216-a982-4ee1-acb5-17ed2518349e.local 47564 typ host',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:2 1 TCP 2105458943 62b3cf0d-29c0-4c69-b1df-7eafe3782f2b.local 9 typ host tcptype active',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3 1 TCP 2105524479 8f6ab216-a982-4ee1-acb5-17ed2518349e.local 9 typ host tcptype active',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    ['offering', { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0' } }],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:0 1 UDP 2122187007 1dd1d62b-28a9-4fbd-a8c6-338feb4dda79.local 56114 typ host',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:1 1 UDP 2122252543 5e2da88b-3986-462b-817d-905a86732ce6.local 52269 typ host',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:2 1 TCP 2105458943 1dd1d62b-28a9-4fbd-a8c6-338feb4dda79.local 9 typ host tcptype active',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3 1 TCP 2105524479 5e2da88b-3986-462b-817d-905a86732ce6.local 9 typ host tcptype active',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    ['answering', { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0' } }],
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 7642264796402938390 1 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 0F:14:48:66:9D:AF:DE:AB:29:89:27:F1:CE:60:8C:BA:D8:F0:7B:98:50:49:13:D7:A5:A4:1D:E1:3A:EF:A3:A3',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=candidate:0 1 UDP 2122187007 62b3cf0d-29c0-4c69-b1df-7eafe3782f2b.local 40980 typ host',
          'a=candidate:1 1 UDP 2122252543 8f6ab216-a982-4ee1-acb5-17ed2518349e.local 45563 typ host',
          'a=candidate:2 1 TCP 2105458943 62b3cf0d-29c0-4c69-b1df-7eafe3782f2b.local 9 typ host tcptype active',
          'a=candidate:3 1 TCP 2105524479 8f6ab216-a982-4ee1-acb5-17ed2518349e.local 9 typ host tcptype active',
          'a=sendrecv',
          'a=end-of-candidates',
          'a=ice-pwd:c047ae6a5b36fa7441acbe65710bc880',
          'a=ice-ufrag:ac4c16fa',
          'a=mid:0',
          'a=setup:actpass',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
  ],
  // Chromium 156 in mode relay.
  chromiumRelayed: [
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 2925627432354306606 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:LDEK',
          'a=ice-pwd:oymBCjsAUUKjYHqC0fIT58va',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 EC:75:93:49:39:1B:9F:96:9A:87:43:D8:20:09:64:70:44:F0:3E:E1:6A:BA:25:67:BE:CB:7F:FC:BF:9B:0A:84',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'answering',
      {
        type: 'answer',
        sdp: [
          'v=0',
          'o=- 3754866305406192812 2 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=ice-ufrag:XtkU',
          'a=ice-pwd:r7VYtN5w69olvD3mYgmnf/Bn',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 58:C2:55:EC:FB:B2:F1:FD:2D:A4:56:EF:E8:4A:22:FA:3B:4B:49:79:99:6A:82:F7:E5:DB:82:04:58:4E:F1:D0',
          'a=setup:active',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:2225621721 1 udp 50339839 127.0.0.1 62110 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag LDEK network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate:
            'candidate:3138422997 1 udp 50339839 127.0.0.1 53810 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag XtkU network-cost 999',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=- 2925627432354306606 3 IN IP4 127.0.0.1',
          's=-',
          't=0 0',
          'a=group:BUNDLE 0',
          'a=extmap-allow-mixed',
          'a=msid-semantic: WMS',
          'm=application 51304 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 127.0.0.1',
          'a=candidate:2225621721 1 udp 50339839 127.0.0.1 51304 typ relay raddr 0.0.0.0 rport 0 generation 1 network-cost 999',
          'a=ice-ufrag:2J5N',
          'a=ice-pwd:W1KNHNi3RuVF8v4jtGySL+XF',
          'a=ice-options:trickle',
          'a=fingerprint:sha-256 EC:75:93:49:39:1B:9F:96:9A:87:43:D8:20:09:64:70:44:F0:3E:E1:6A:BA:25:67:BE:CB:7F:FC:BF:9B:0A:84',
          'a=setup:actpass',
          'a=mid:0',
          'a=sctp-port:5000',
          'a=max-message-size:262144',
          '',
        ].join('\r\n'),
      },
    ],
  ],
  // Firefox 153 ESR in mode relay.
  firefoxRelayed: [
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 8770543417196455151 0 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 9D:4A:56:7E:E0:8E:1C:B6:6C:50:2A:6D:61:0E:F5:6A:BF:B1:E3:91:D7:87:BC:69:18:E1:56:20:7C:CC:6F:CC',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=sendrecv',
          'a=ice-pwd:4121917617710280d95a397b0ba15e8d',
          'a=ice-ufrag:b31c46db',
          'a=mid:0',
          'a=setup:actpass',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'answering',
      {
        type: 'answer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 7806221905739151813 0 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 8C:94:7D:A0:57:DC:DD:5E:25:9A:F0:6F:86:95:24:AE:77:87:8A:CF:0C:C8:72:32:3C:76:35:67:19:70:32:02',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 0.0.0.0',
          'a=sendrecv',
          'a=ice-pwd:099d02668c5ae7059ef6418795a9a099',
          'a=ice-ufrag:9c905e59',
          'a=mid:0',
          'a=setup:active',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
    [
      'offering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:0 1 UDP 92151807 192.0.2.2 50970 typ relay raddr 192.0.2.2 rport 50970',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    ['offering', { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0' } }],
    [
      'answering',
      {
        type: 'candidate',
        candidate: {
          candidate: 'candidate:0 1 UDP 92151807 192.0.2.2 55760 typ relay raddr 192.0.2.2 rport 55760',
          sdpMLineIndex: 0,
          sdpMid: '0',
        },
      },
    ],
    ['answering', { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0' } }],
    [
      'offering',
      {
        type: 'offer',
        sdp: [
          'v=0',
          'o=mozilla...THIS_IS_SDPARTA-99.0 8770543417196455151 1 IN IP4 0.0.0.0',
          's=-',
          't=0 0',
          'a=sendrecv',
          'a=fingerprint:sha-256 9D:4A:56:7E:E0:8E:1C:B6:6C:50:2A:6D:61:0E:F5:6A:BF:B1:E3:91:D7:87:BC:69:18:E1:56:20:7C:CC:6F:CC',
          'a=group:BUNDLE 0',
          'a=ice-options:trickle',
          'a=msid-semantic:WMS *',
          'm=application 49362 UDP/DTLS/SCTP webrtc-datachannel',
          'c=IN IP4 192.0.2.2',
          'a=candidate:0 1 UDP 92151807 192.0.2.2 49362 typ relay raddr 192.0.2.2 rport 49362',
          'a=sendrecv',
          'a=end-of-candidates',
          'a=ice-pwd:da42948176e16c507b59fad1634c41fb',
          'a=ice-ufrag:b81c8358',
          'a=mid:0',
          'a=setup:actpass',
          'a=sctp-port:5000',
          'a=max-message-size:1073741823',
          '',
        ].join('\r\n'),
      },
    ],
  ],
};
