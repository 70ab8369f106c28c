import { expect, test, vi } from 'vitest';
import { isCellular, UploadPermission } from './upload-permission.ts';

class Machine extends EventTarget {
  saveData = false;
  type: string | undefined = 'wifi';
  charging = false;
  level = 1;
}

test.each([
  ['Save-Data', { saveData: true }],
  ['a cellular network', { type: 'cellular' }],
] as const)('%s stops uploads, whatever the viewer wants', (_name, facts) => {
  const connection = Object.assign(new Machine(), facts);
  const permission = new UploadPermission(true, vi.fn(), { connection: connection as never });
  expect(permission.allowed).toBe(false);
  permission.close();
});

test('reports each change of the network, the battery and the viewer’s switch once', async () => {
  const connection = new Machine();
  const battery = new Machine();
  const told = vi.fn();
  const permission = new UploadPermission(true, told, {
    connection: connection as never,
    getBattery: () => Promise.resolve(battery),
  });
  await Promise.resolve();
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  connection.type = 'wifi';
  connection.dispatchEvent(new Event('change'));
  battery.level = 0.1;
  battery.dispatchEvent(new Event('levelchange'));
  battery.charging = true;
  battery.dispatchEvent(new Event('chargingchange'));
  permission.wanted = false;
  permission.wanted = false;
  expect(told.mock.calls).toEqual([[false], [true], [false], [true], [false]]);
  permission.close();
  connection.saveData = true;
  permission.wanted = true;
  connection.dispatchEvent(new Event('change'));
  expect(told).toHaveBeenCalledTimes(5);
});

test('the switch alone decides where the browser reports nothing, or refuses to', async () => {
  const refused = new UploadPermission(true, vi.fn(), {
    getBattery: () => Promise.reject(new Error('policy')),
  });
  await Promise.resolve();
  expect(refused.allowed).toBe(true);
  expect(new UploadPermission(false, vi.fn(), {}).allowed).toBe(false);
});

test('takes a network for cellular only when the browser says so', () => {
  const on = (connection: Machine | undefined) => isCellular({ connection: connection as never });
  expect(on(Object.assign(new Machine(), { type: 'cellular' }))).toBe(true);
  expect(on(new Machine())).toBe(false);
  expect(on(undefined)).toBe(false);
});
