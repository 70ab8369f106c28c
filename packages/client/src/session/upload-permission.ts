/** Below this level a battery that is not charging is spared. */
const LOW_BATTERY = 0.2;

interface NetworkInformation extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}
interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}
export interface MachineScope {
  readonly connection?: NetworkInformation | undefined;
  getBattery?(): Promise<Battery>;
}

/** Whether the page is on a cellular network, as far as the browser tells. */
export function isCellular(scope = globalThis.navigator as MachineScope | undefined): boolean {
  return scope?.connection?.type === 'cellular';
}

/**
 * Whether this viewer may upload: its own switch is on, and the browser reports neither Save-Data, nor a cellular
 * network, nor a low battery. Chromium reports these; elsewhere the switch alone decides.
 */
export class UploadPermission {
  readonly #scope: MachineScope;
  readonly #onChange: (allowed: boolean) => void;
  readonly #abort = new AbortController();
  #wanted: boolean;
  #battery: Battery | undefined;
  #last: boolean;

  constructor(
    wanted: boolean,
    onChange: (allowed: boolean) => void,
    scope: MachineScope = (globalThis.navigator as MachineScope | undefined) ?? {},
  ) {
    this.#wanted = wanted;
    this.#onChange = onChange;
    this.#scope = scope;
    this.#last = this.allowed;
    const listen = { signal: this.#abort.signal };
    scope.connection?.addEventListener('change', this.#review, listen);
    // A permissions policy may refuse this: then the battery does not count.
    scope.getBattery?.().then(
      (battery) => {
        if (this.#abort.signal.aborted) return;
        this.#battery = battery;
        battery.addEventListener('levelchange', this.#review, listen);
        battery.addEventListener('chargingchange', this.#review, listen);
        this.#review();
      },
      () => undefined,
    );
  }

  get allowed(): boolean {
    const scope = this.#scope;
    if (!this.#wanted || scope.connection?.saveData === true || isCellular(scope)) return false;
    return this.#battery === undefined || this.#battery.charging || this.#battery.level >= LOW_BATTERY;
  }

  set wanted(wanted: boolean) {
    this.#wanted = wanted;
    this.#review();
  }

  close(): void {
    this.#abort.abort();
  }

  readonly #review = (): void => {
    if (this.allowed === this.#last) return;
    this.#last = this.allowed;
    this.#onChange(this.#last);
  };
}
