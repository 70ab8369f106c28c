import type { Home } from '../home.ts';
import type { Scenario } from '../scenarios.ts';
import { run } from './run.ts';

/** The host with the source, the server, the pages and TURN. It is this process's own namespace. */
export const SERVER_ADDRESS = '10.99.0.10';
const BRIDGE = 'internet';

/** Names of a home's namespaces and devices. They exist only inside the enclosure. */
interface HomeNames {
  /** Namespace of the viewer's machine. */
  readonly machine: string;
  /** Namespace of its router, and the device in it at the line's end. */
  readonly router: string;
  readonly wan: string;
  /** The line's other end, on the internet. */
  readonly near: string;
}

export function homeNames(index: number): HomeNames {
  const n = index + 1;
  return { machine: `home${n}`, router: `router${n}`, wan: 'wan', near: `line${n}` };
}

/** The address of a home on the lab's internet. */
function homeAddress(index: number): string {
  return `10.99.0.${21 + index}`;
}

/** Builds the homes as network namespaces around this one. Until the carrier runs, their lines carry nothing. */
export function buildNetwork({ homes, halves = false }: Pick<Scenario, 'homes' | 'halves'>): void {
  run('ip link set lo up');
  run(`ip link add ${BRIDGE} type bridge`);
  run(`ip addr add ${SERVER_ADDRESS}/24 dev ${BRIDGE}`);
  run(`ip link set ${BRIDGE} up`);
  // coturn ends a session that sends to an address without a route, and viewers do request their private addresses.
  run('ip tuntap add void mode tap');
  run('ip link set void up');
  run('ip route add default dev void');
  for (const [index, home] of homes.entries()) {
    addLine(index);
    addHome(index);
    addRouter(index, home);
  }
  if (halves) separateHalves(homes.length);
}

/** Makes the routers of each half drop packets from the other half. */
function separateHalves(homes: number): void {
  const half = Math.ceil(homes / 2);
  for (let one = 0; one < half; one++)
    for (let other = half; other < homes; other++)
      for (const [index, stranger] of [
        [one, other],
        [other, one],
      ] as const)
        run(
          `ip netns exec ${homeNames(index).router} iptables -I FORWARD -s ${homeAddress(stranger)} -j DROP`,
        );
}

/** Makes a home's router drop every packet, both ways. @returns a function that ends it */
export function cutLine(index: number): () => void {
  const router = `ip netns exec ${homeNames(index).router}`;
  run(`${router} iptables -I FORWARD -j DROP`);
  return () => {
    run(`${router} iptables -D FORWARD -j DROP`);
  };
}

function addLine(index: number): void {
  const { router, wan, near } = homeNames(index);
  run(`ip netns add ${router}`);
  run(`ip -n ${router} link set lo up`);
  run(`ip -n ${router} tuntap add ${wan} mode tap`);
  run(`ip -n ${router} addr add ${homeAddress(index)}/24 dev ${wan}`);
  run(`ip -n ${router} link set ${wan} up txqueuelen 5000`);
  run(`ip tuntap add ${near} mode tap`);
  run(`ip link set ${near} master ${BRIDGE}`);
  run(`ip link set ${near} up txqueuelen 5000`);
}

function addHome(index: number): void {
  const { machine, router } = homeNames(index);
  const network = `192.168.${index + 1}`;
  run(`ip netns add ${machine}`);
  run(`ip -n ${machine} link set lo up`);
  run(`ip -n ${machine} link add eth0 type veth peer name lan netns ${router}`);
  run(`ip -n ${router} addr add ${network}.1/24 dev lan`);
  run(`ip -n ${router} link set lan up`);
  run(`ip -n ${machine} addr add ${network}.2/24 dev eth0`);
  run(`ip -n ${machine} link set eth0 up`);
  run(`ip -n ${machine} route add default via ${network}.1`);
}

function addRouter(index: number, { nat }: Home): void {
  const { router, wan } = homeNames(index);
  const inRouter = (line: string): void => {
    run(`ip netns exec ${router} ${line}`);
  };
  inRouter('sysctl -qw net.ipv4.ip_forward=1');
  const random = nat === 'symmetric' ? ' --random-fully' : '';
  inRouter(`iptables -t nat -A POSTROUTING -o ${wan} -j MASQUERADE${random}`);
  if (nat === 'no-udp') inRouter('iptables -A FORWARD -p udp -j DROP');
  // A peer's early packet that is dropped here leaves no connection entry, which would take the port of the way back.
  inRouter(`iptables -A INPUT -i ${wan} -p icmp -j ACCEPT`);
  inRouter(`iptables -A INPUT -i ${wan} -j DROP`);
  inRouter(`iptables -A FORWARD -i ${wan} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`);
  inRouter(`iptables -A FORWARD -i ${wan} -j DROP`);
}
