import { readFileSync } from 'node:fs';

/** Rights of root that a process may have one by one, by their bits in capabilities(7), as far as Varve asks for them. */
const CAPABILITY_BITS = { CAP_DAC_READ_SEARCH: 2n, CAP_SYS_ADMIN: 21n } as const;

export type Capability = keyof typeof CAPABILITY_BITS;

/**
 * Whether this process has a capability over the whole system now: what a container grants over itself alone (user_namespaces(7)) is not enough for the calls
 * that it is asked for. False where the system has none or does not tell.
 */
export function hasCapability(capability: Capability): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const isWholeSystem = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
    const [, effective = '0'] = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return isWholeSystem && ((BigInt(`0x${effective}`) >> CAPABILITY_BITS[capability]) & 1n) === 1n;
  } catch {
    return false;
  }
}
