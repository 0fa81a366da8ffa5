/**
 * A small network inside this machine: a switch, hosts with addresses of their own, and a hand on the cables. What runs
 * on a host ends with the network, and the network with the process that made it, however that ends. Linux, as root.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";

export interface Host {
  readonly name: string;
  readonly address: string;
  /** What stands before a command that is to run there. The process is then the command's own. */
  readonly launch: readonly string[];
}

/** What this machine lacks for a network, for people. */
export function networkMissing(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  return spawnSync("ip", ["netns", "list"]).status === 0 ? undefined : "no `ip netns` here (Debian: iproute2)";
}

/** Kills all that runs on the hosts, also what is stopped, and takes the network down, when its input ends. */
const UNTIL_INPUT_ENDS = `
cat >/dev/null
hosts() { ip netns list | cut -d ' ' -f 1 | grep "^$1-"; }
for host in $(hosts "$1"); do
  while pids=$(ip netns pids "$host") && [ -n "$pids" ]; do kill -9 $pids 2>/dev/null; sleep 0.05; done
done
for host in $(hosts "$1"); do ip netns del "$host"; done
rm -rf "$2"`;

/** `ip netns exec` gives a process its own mounts. What libfaketime leaves in shared memory goes with them. */
const WITH_OWN_MEMORY = `mount -t tmpfs shm /dev/shm && exec "$@"`;

/** Ours, inside the addresses that nobody routes: one network is one of its 256 parts. */
const BLOCK = "10.213";
/** A card that no host has: what is sent there goes nowhere, and nobody says so. */
const NOWHERE = "02:00:00:00:00:fe";

export class Network {
  readonly #prefix = `aw${process.pid}x${randomBytes(2).toString("hex")}`;
  readonly #switch = `${this.#prefix}-switch`;
  readonly #part = freePart();
  readonly #janitor: ChildProcess;
  readonly #ports = new Map<Host, string>();

  /** @param directory what is removed with the network: the files of all that runs on it */
  constructor(directory: string) {
    this.#janitor = spawn("/bin/sh", ["-c", UNTIL_INPUT_ENDS, "sh", this.#prefix, directory], {
      stdio: ["pipe", "ignore", "inherit"],
      // A Ctrl-C would end it before its work.
      detached: true,
    });
    const own = `aw${randomBytes(3).toString("hex")}`;
    run(`
      ip netns add ${this.#switch}
      ip -n ${this.#switch} link add bridge type bridge forward_delay 0
      ip -n ${this.#switch} link set bridge up
      ip link add ${own} type veth peer name own netns ${this.#switch}
      ip -n ${this.#switch} link set own master bridge up
      ip addr add ${this.#address(1)}/24 dev ${own}
      ip link set ${own} up`);
  }

  host(name: string): Host {
    const [namespace, port] = [`${this.#prefix}-${name}`, `port${this.#ports.size}`];
    const host: Host = {
      name,
      address: this.#address(10 + this.#ports.size),
      launch: ["ip", "netns", "exec", namespace, "/bin/sh", "-c", WITH_OWN_MEMORY, "sh"],
    };
    run(`
      ip netns add ${namespace}
      ip -n ${this.#switch} link add ${port} type veth peer name cable netns ${namespace}
      ip -n ${this.#switch} link set ${port} master bridge up
      ip -n ${namespace} addr add ${host.address}/24 dev cable
      ip -n ${namespace} link set cable up
      ip -n ${namespace} link set lo up`);
    this.#ports.set(host, port);
    return host;
  }

  /** Everything to and from it is lost from now on, and no side is told. */
  unplug(host: Host): void {
    run(`ip -n ${this.#switch} link set ${this.#port(host)} nomaster`);
  }

  plug(host: Host): void {
    run(`ip -n ${this.#switch} link set ${this.#port(host)} master bridge`);
  }

  /** What one sends to the other is lost. Answers to nothing are not sent. */
  cut({ name }: Host, { address }: Host): void {
    run(`ip -n ${this.#prefix}-${name} neigh replace ${address} lladdr ${NOWHERE} dev cable nud permanent`);
  }

  mend({ name }: Host, { address }: Host): void {
    run(`ip -n ${this.#prefix}-${name} neigh del ${address} dev cable`);
  }

  async close(): Promise<void> {
    if (this.#janitor.exitCode !== null) return;
    const ended = once(this.#janitor, "exit");
    this.#janitor.stdin?.end();
    await ended;
  }

  #port(host: Host): string {
    const port = this.#ports.get(host);
    if (port === undefined) throw new Error(`${host.name} is no host of this network`);
    return port;
  }

  #address(last: number): string {
    return `${BLOCK}.${this.#part}.${last}`;
  }
}

function freePart(): number {
  const routes = execFileSync("ip", ["route", "show"], { encoding: "utf8" });
  for (let tries = 0; tries < 100; tries++) {
    const part = randomInt(256);
    if (!routes.includes(`${BLOCK}.${part}.`)) return part;
  }
  throw new Error(`no free addresses in ${BLOCK}.0.0/16: other networks of this kind were left (ip netns list)`);
}

function run(script: string): void {
  execFileSync("/bin/sh", ["-ec", script], { stdio: ["ignore", "ignore", "inherit"] });
}
