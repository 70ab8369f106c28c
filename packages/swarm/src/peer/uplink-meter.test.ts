import { describe, expect, it } from 'vitest';
import { UplinkMeter } from './uplink-meter.ts';

describe('UplinkMeter', () => {
  it('knows nothing before something was sent', () => {
    expect(new UplinkMeter().bytesPerMs).toBeUndefined();
  });

  it('measures bytes over the time that something was waiting, pauses left out', () => {
    const meter = new UplinkMeter();
    for (const start of [0, 10_000, 20_000]) {
      meter.started(start);
      meter.started(start + 10);
      meter.ended(10_000, start + 60);
      meter.ended(10_000, start + 100);
    }
    expect(meter.bytesPerMs).toBeCloseTo(200);
  });

  it('measures a line that never falls idle', () => {
    const meter = new UplinkMeter();
    meter.started(0);
    for (let at = 2000; at <= 20_000; at += 2000) {
      meter.started(at - 1000);
      meter.ended(16_000, at);
    }
    expect(meter.bytesPerMs).toBeCloseTo(8);
  });

  it('adds short spells up until they say something', () => {
    const meter = new UplinkMeter();
    for (let at = 0; at < 400; at += 100) {
      meter.started(at);
      meter.ended(1500, at + 10);
    }
    expect(meter.bytesPerMs).toBeUndefined();
    meter.started(500);
    meter.ended(1500, 510);
    expect(meter.bytesPerMs).toBeCloseTo(150);
  });
});
