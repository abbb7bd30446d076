/** Which backends a deployment uses, and for which of its ports. */
import { type PortName, portNames } from '../engine/backend.js';
import { islandsOf } from './islands.js';
import type { BackendName, DeploymentProfile, StoresProfile } from './types.js';

/** Each backend of an island once, with its ports, in the order of the ports. */
export function backendsOf(stores: StoresProfile): ReadonlyMap<BackendName, readonly PortName[]> {
  const found = new Map<BackendName, PortName[]>();
  for (const port of portNames) {
    const ports = found.get(stores[port]);
    if (ports) ports.push(port);
    else found.set(stores[port], [port]);
  }
  return found;
}

/** The backends of all ports, each once: `sqs+s3`; those of further islands behind an arrow. */
export function backendText(deployment: DeploymentProfile): string {
  const islands = [...islandsOf(deployment).values()];
  return islands.map((stores) => [...backendsOf(stores).keys()].join('+')).join(' => ');
}
